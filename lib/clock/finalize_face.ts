import { readFace, writeFace } from "../face/face_file.ts";
import { decodePng } from "../image/png.ts";
import type { Moment } from "./clock.ts";
import { corrected } from "./corrected_times.ts";

/**
 * The bytes of a face that is about to be sent for the first time: the same ones, or those of a face whose times are
 * put right. Nothing when it should wait for the clock.
 */
export function finalizeFace(
  bytes: Uint8Array<ArrayBuffer>,
  now: Moment,
): Uint8Array<ArrayBuffer> | undefined {
  const { metadata } = readFace(bytes);
  if (!metadata) return bytes;
  const right = corrected(metadata, now);
  if (!right) return undefined;
  return right === metadata ? bytes : writeFace(decodePng(bytes), right).bytes;
}
