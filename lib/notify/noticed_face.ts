/** A face as notifications need it: its facts, its visit, its age, and its picture while there is room for it. */
import { createHash } from "node:crypto";
import type { FaceFile, FaceMetadata } from "../face/face.ts";
import type { KeyTemplate } from "../face/object_key.ts";
import { type Clocks, type FaceAges, isTimeTrusted } from "./face_ages.ts";
import type { FaceFacts, Notification } from "./notification.ts";

const KEY_DIGITS = 32;
/** Faces of one visit differ less in its begin: each computes it from the clock, which may be set meanwhile. */
const BEGIN_MS = 2_000;

export interface NoticedFace {
  readonly facts: FaceFacts;
  /** Of the visit. A face without a visit is a visit of its own. */
  readonly visitKey: string;
  /** Absent for a face without a visit. */
  readonly visit?: {
    /** Keys that an earlier face of the same visit may have. */
    readonly otherKeys: readonly string[];
    /** When it began, by our monotonic clock, milliseconds. */
    readonly beganMs: number;
  };
  /** When it was captured, by our monotonic clock, milliseconds; before the start of this program for an older face. */
  readonly takenMs: number;
  readonly picture?: Notification["picture"];
}

/** Describes a face that arrives now. */
export function noticedFace(
  { bytes, contentType, width, height, id, metadata, ...file }: FaceFile,
  { ages, clocks, template }: {
    readonly ages: FaceAges;
    readonly clocks: Clocks;
    readonly template: KeyTemplate;
  },
): NoticedFace {
  const wallMs = clocks.wallMs();
  const face = { ...file, bytes, contentType, width, height, id, metadata };
  const key = metadata && template.unique ? template.keyOf(face, wallMs) : undefined;
  const { visit } = metadata ?? {};
  const takenMs = clocks.monotonicMs() - ages.ageOf(metadata);
  const [visitKey, ...otherKeys] = metadata?.visit ? keysOfVisit(metadata) : [id.slice(0, KEY_DIGITS)];
  return {
    facts: {
      id,
      camera: metadata?.camera ?? "unknown",
      device: metadata?.device,
      captured: metadata?.captured ?? new Date(wallMs).toISOString(),
      isTimeTrusted: metadata === undefined || isTimeTrusted(metadata),
      visit: visit?.number,
      detections: visit?.detections,
      why: visit?.why,
      score: metadata?.score,
      key,
    },
    visitKey,
    ...(metadata?.visit && { visit: { otherKeys, beganMs: takenMs - lastedMs(metadata) } }),
    takenMs,
    picture: { bytes, contentType, width, height },
  };
}

/**
 * The number of a visit starts again with its detector, so its begin is part of the key, rounded. Its neighbours are the
 * other keys. It is given by the time since the boot, which stays when the clock is set.
 */
function keysOfVisit(metadata: FaceMetadata): string[] {
  const { device, camera, epoch, visit, clock, captured } = metadata;
  const began = Math.floor(((clock?.monotonicMs ?? Date.parse(captured)) - lastedMs(metadata)) / BEGIN_MS);
  return [began, began - 1, began + 1].map((time) => {
    const names = [device, camera, epoch, clock?.bootId, visit!.number, time];
    return createHash("sha256").update(names.join("\n")).digest("hex").slice(0, KEY_DIGITS);
  });
}

/** How long the visit of a face had lasted when it was captured. */
function lastedMs({ captured, visit }: FaceMetadata): number {
  return Date.parse(captured) - Date.parse(visit!.began);
}

/** The same without its picture. */
export function withoutPicture({ picture: _, ...face }: NoticedFace): NoticedFace {
  return face;
}
