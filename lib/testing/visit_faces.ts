/** Faces of visits as objects of a store. For tests. */
import { writeFace } from "../face/face_file.ts";
import type { FaceMetadata, VisitMetadata } from "../face/face.ts";
import { METADATA } from "./face_metadata.ts";
import { keyOfFace } from "./gallery_store.ts";

/** A face to make; times in milliseconds since 1970. */
export interface TestFace {
  readonly ms: number;
  readonly camera?: string;
  /** The number of the visit; absent without visits. */
  readonly visit?: number;
  readonly began?: number;
  readonly detections?: number;
  readonly why?: VisitMetadata["why"];
  readonly score?: number;
}

const PICTURE = { width: 2, height: 3, rgb: new Uint8Array(18) };
const time = (ms: number) => new Date(ms).toISOString();
let count = 0;

/** One face: its default key and its bytes. */
export function visitFace(face: TestFace): { key: string; bytes: Uint8Array<ArrayBuffer> } {
  const { ms, camera = "door", visit, began = ms, detections = 1, why = "first", score } = face;
  const metadata: FaceMetadata = {
    ...METADATA,
    camera,
    captured: time(ms),
    sequence: ++count,
    ...(score !== undefined && { score }),
    ...(visit !== undefined && {
      visit: { number: visit, detections, began: time(began), last: time(ms), why },
    }),
  };
  const { bytes, id } = writeFace(PICTURE, metadata);
  return { key: keyOfFace(ms, camera, id.slice(0, 12)), bytes };
}
