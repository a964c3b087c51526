/** Writes and reads faces: a plain PNG that any program opens, with the metadata in one JSON text chunk. */
import { createHash } from "node:crypto";
import { RejectedMessageError } from "../errors.ts";
import type { Picture } from "../image/crop.ts";
import { isJpeg, readJpeg } from "../image/jpeg.ts";
import { encodePng, isPng, readPng } from "../image/png.ts";
import type { FaceFile, FaceMetadata } from "./face.ts";
import { readMetadata } from "./read_metadata.ts";

/** The keyword of the text chunk with the metadata. */
export const METADATA_KEYWORD = "haarlem";

/** Writes picture and metadata as one PNG. */
export function writeFace(picture: Picture, metadata: FaceMetadata): FaceFile {
  const bytes = encodePng(picture, [
    ["Creation Time", metadata.captured],
    ["Software", "Haarlem"],
    ["Source", metadata.camera],
    [METADATA_KEYWORD, JSON.stringify(metadata)],
  ]);
  const { width, height } = picture;
  return { bytes, id: identity(bytes), width, height, contentType: "image/png", metadata };
}

/** Reads a face or a third-party picture. Throws a RejectedMessageError when it is neither a whole PNG nor a whole JPEG. */
export function readFace(bytes: Uint8Array<ArrayBuffer>): FaceFile {
  if (bytes.length === 0) throw new RejectedMessageError("an empty message");
  if (isPng(bytes)) {
    const { width, height, texts } = readPng(bytes);
    const metadata = readMetadata(texts.get(METADATA_KEYWORD));
    return {
      bytes,
      id: identity(bytes),
      width,
      height,
      contentType: "image/png",
      ...(metadata && { metadata }),
    };
  }
  if (isJpeg(bytes)) {
    return { bytes, id: identity(bytes), ...readJpeg(bytes), contentType: "image/jpeg" };
  }
  throw new RejectedMessageError("neither a PNG nor a JPEG");
}

/** The identity of a face: SHA-256 of its bytes, 64 hex digits. */
export function identity(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
