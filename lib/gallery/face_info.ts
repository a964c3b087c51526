/** What the gallery keeps of each face: the part of its metadata that days, visits and cards need. */
import { END_BYTES, readFaceEnd, readFaceStart, START_BYTES } from "../face/face_part.ts";
import type { FaceMetadata, VisitMetadata } from "../face/face.ts";
import { isPlausible } from "../face/plausible_time.ts";
import type { PictureStore } from "./picture_store.ts";
import type { ListedFace } from "./shown_face.ts";

/** The visit of a face, as this face's metadata describe it. Times in milliseconds since 1970. */
export interface VisitInfo {
  /** The same for all faces of a visit, and different for any other visit. */
  readonly id: string;
  readonly beganMs: number;
  readonly lastMs: number;
  readonly detections: number;
}

/** The metadata that are kept. */
export interface OwnInfo {
  readonly camera: string;
  readonly device: string;
  readonly capturedMs: number;
  readonly why?: VisitMetadata["why"];
  readonly score?: number;
  readonly visit?: VisitInfo;
}

/** What is known of a face once its first bytes were read. */
export interface FaceInfo {
  /** Size in pixels; absent where the first bytes do not show it. */
  readonly width?: number;
  readonly height?: number;
  /** Absent in a third-party picture. */
  readonly own?: OwnInfo;
}

/** What the first and the last bytes of an object show. */
export interface ReadFace {
  readonly info: FaceInfo;
  readonly metadata?: FaceMetadata;
}

/**
 * Reads a face with one request, or two for a PNG without metadata before its pixels: it may be one of an earlier build.
 * Undefined when the object does not exist.
 */
export async function readFaceInfo(
  store: Pick<PictureStore, "part">,
  { key, bytes }: Pick<ListedFace, "key" | "bytes">,
  { signal }: { signal: AbortSignal },
): Promise<ReadFace | undefined> {
  const first = await store.part(key, { at: "start", bytes: START_BYTES, signal });
  if (!first) return undefined;
  const { kind, size, metadata } = readFaceStart(first);
  const hasMore = !(bytes <= first.length) && first.length === START_BYTES;
  if (metadata || kind !== "png") return { info: infoOf({ size, metadata }), metadata };
  const last = hasMore ? await store.part(key, { at: "end", bytes: END_BYTES, signal }) : first;
  const atEnd = last && readFaceEnd(last);
  return { info: infoOf({ size, metadata: atEnd }), metadata: atEnd };
}

function infoOf(
  { size, metadata }: { size?: { width: number; height: number }; metadata?: FaceMetadata },
): FaceInfo {
  const known = size ? { width: size.width, height: size.height } : {};
  if (!metadata) return known;
  const { camera, device, captured, score, visit } = metadata;
  const own: OwnInfo = {
    camera,
    device,
    capturedMs: Date.parse(captured),
    ...(score !== undefined && { score }),
    ...(visit && { why: visit.why, visit: visitOf(metadata, visit) }),
  };
  return { ...known, own };
}

/**
 * The number alone identifies a visit only until the program restarts, and the epoch outlives restarts: the begin tells
 * the visits of two runs apart. It differs, and two cards appear, where a clock was corrected during the visit.
 */
function visitOf({ device, camera, epoch }: FaceMetadata, visit: VisitMetadata): VisitInfo {
  const beganMs = Date.parse(visit.began);
  return {
    id: ["visit", device, camera, epoch, visit.number, beganMs].join("/"),
    beganMs,
    lastMs: Date.parse(visit.last),
    detections: visit.detections,
  };
}

/** When an undated face was captured, if its metadata say so and it is plausible; else when it was written. */
export function capturedMs({ writtenMs }: ListedFace, { own }: FaceInfo): number {
  return own && isPlausible(own.capturedMs, { nowMs: writtenMs }) ? own.capturedMs : writtenMs;
}
