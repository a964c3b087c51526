/** A face as notifications need it: its facts, its visit, its age, and its picture while there is room for it. */
import { createHash } from "node:crypto";
import type { FaceFile, FaceMetadata } from "../face/face.ts";
import type { KeyTemplate } from "../face/object_key.ts";
import { type Clocks, type FaceAges, isTimeTrusted } from "./face_ages.ts";
import type { FaceFacts, Notification } from "./notification.ts";

const KEY_DIGITS = 32;

export interface NoticedFace {
  readonly facts: FaceFacts;
  /** The same for all faces of a visit. A face without a visit is a visit of its own. */
  readonly visitKey: string;
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
    visitKey: metadata?.visit ? keyOfVisit(metadata) : id.slice(0, KEY_DIGITS),
    takenMs: clocks.monotonicMs() - ages.ageOf(metadata),
    picture: { bytes, contentType, width, height },
  };
}

/** The number of a visit starts again with its detector, so its begin is part of the key. */
function keyOfVisit({ device, camera, epoch, visit }: FaceMetadata): string {
  const names = [device, camera, epoch, visit!.number, visit!.began];
  return createHash("sha256").update(names.join("\n")).digest("hex").slice(0, KEY_DIGITS);
}

/** The same without its picture. */
export function withoutPicture({ picture: _, ...face }: NoticedFace): NoticedFace {
  return face;
}
