/** Scales a face down to a limit in bytes. */
import type { Picture } from "../image/crop.ts";
import { scaleDown } from "../image/scale.ts";
import type { FaceFile, FaceMetadata } from "./face.ts";
import { writeFace } from "./face_file.ts";

/** Reserved for the correction of the face's times, which is added later. */
const RESERVED_BYTES = 256;
/** Minimum side of a scaled face in pixels: a smaller one could not be recognized. */
const MIN_SIDE = 16;
/** Each step aims below the limit, since a smaller picture compresses less. */
const AIM = 0.95;

/**
 * Writes picture and metadata as one PNG of at most `maxBytes`, scaled down if necessary; `scale` is then in the metadata.
 * The boxes stay in pixels of the frame. When even the smallest picture is too large, that one is returned.
 */
export function writeFaceWithin(picture: Picture, metadata: FaceMetadata, maxBytes: number): FaceFile {
  let face = writeFace(picture, metadata);
  if (face.bytes.length + RESERVED_BYTES <= maxBytes) return face;
  let { width, height } = picture;
  const metadataBytes = writeFace({ width: 1, height: 1, rgb: new Uint8Array(3) }, metadata).bytes.length;
  while (face.bytes.length + RESERVED_BYTES > maxBytes && Math.min(width, height) > MIN_SIDE) {
    const pixelBytes = Math.max(1, maxBytes - RESERVED_BYTES - metadataBytes);
    const factor = Math.sqrt(AIM * pixelBytes / Math.max(1, face.bytes.length - metadataBytes));
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
