/**
 * Reads the metadata of a stored face from a few bytes of it. A face has its metadata before the pixels; earlier builds
 * wrote it behind them, in the last bytes.
 */
import type { Size } from "../image/frame.ts";
import { isJpeg, jpegSize } from "../image/jpeg.ts";
import { isPng } from "../image/png.ts";
import { readPngEnd, readPngStart } from "../image/png_part.ts";
import type { FaceMetadata } from "./face.ts";
import { METADATA_KEYWORD } from "./face_file.ts";
import { readMetadata } from "./read_metadata.ts";

/** The first bytes of a face that hold its metadata: a detector writes less than 2 KiB of it. */
export const START_BYTES = 4 * 1024;
/** The last bytes of a face of an earlier build that hold it. */
export const END_BYTES = 4 * 1024;

/** What the first bytes of an object show. */
export interface FaceStart {
  readonly kind: "png" | "jpeg" | "other";
  /** Size of the picture in pixels; absent where the first bytes do not show it. */
  readonly size?: Size;
  readonly metadata?: FaceMetadata;
}

/** Reads the first START_BYTES of an object, or all of a smaller one. Never throws. */
export function readFaceStart(bytes: Uint8Array): FaceStart {
  if (isJpeg(bytes)) return { kind: "jpeg", ...optional("size", jpegSize(bytes)) };
  if (!isPng(bytes)) return { kind: "other" };
  const { size, texts } = readPngStart(bytes);
  return {
    kind: "png",
    ...optional("size", size),
    ...optional("metadata", readMetadata(texts.get(METADATA_KEYWORD))),
  };
}

/** The metadata in the last END_BYTES of a PNG; undefined when there is none. Never throws. */
export function readFaceEnd(bytes: Uint8Array): FaceMetadata | undefined {
  return readMetadata(readPngEnd(bytes).get(METADATA_KEYWORD));
}

function optional<Name extends string, T>(name: Name, value: T | undefined): { [key in Name]?: T } {
  return value === undefined ? {} : { [name]: value } as { [key in Name]: T };
}
