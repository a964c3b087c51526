import type { Picture } from "../image/crop.ts";
import { scaleDown } from "../image/scale.ts";
import type { FaceFile, FaceMetadata } from "./face.ts";
import { writeFace } from "./face_file.ts";

/** Kept free for a correction of the face's times, which comes later. */
const ROOM_BYTES = 256;
/** No face is scaled down beyond this: nobody would know who it is. */
const MIN_SIDE = 16;
/** Each step aims a little below the limit, since a smaller picture does not compress as well. */
const AIM = 0.95;

/**
 * Writes picture and metadata as one PNG of at most `maxBytes`, scaled down as far as it takes; then `scale` says how far.
 * The boxes stay those of the frame. When even the smallest is too large, that one is returned.
 */
export function writeFaceWithin(picture: Picture, metadata: FaceMetadata, maxBytes: number): FaceFile {
  let face = writeFace(picture, metadata);
  if (face.bytes.length + ROOM_BYTES <= maxBytes) return face;
  let { width, height } = picture;
  const factsOnly = writeFace({ width: 1, height: 1, rgb: new Uint8Array(3) }, metadata).bytes.length;
  while (face.bytes.length + ROOM_BYTES > maxBytes && Math.min(width, height) > MIN_SIDE) {
    const room = Math.max(1, maxBytes - ROOM_BYTES - factsOnly);
    const factor = Math.sqrt(AIM * room / Math.max(1, face.bytes.length - factsOnly));
    const scale = Math.max(
      MIN_SIDE / Math.min(picture.width, picture.height),
      Math.min(AIM, factor) * width / picture.width,
    );
    [width, height] = [picture.width, picture.height].map((side) => Math.max(1, Math.floor(side * scale)));
    face = writeFace(scaleDown(picture, { width, height }), {
      ...metadata,
      scale: Math.round(width / picture.width * 10_000) / 10_000,
    });
  }
  return face;
}
