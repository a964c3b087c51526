import { readFace, writeFace } from "../face/face_file.ts";
import { decodePng } from "../image/png.ts";
import type { FaceNumber } from "./numbers.ts";

/** The same face with another epoch and number. Bytes that are no face of ours carry none, and stay as they are. */
export function renumbered(bytes: Uint8Array<ArrayBuffer>, number: FaceNumber): Uint8Array<ArrayBuffer> {
  try {
    const { metadata } = readFace(bytes);
    return metadata ? writeFace(decodePng(bytes), { ...metadata, ...number }).bytes : bytes;
  } catch {
    return bytes;
  }
}
