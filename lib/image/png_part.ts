/**
 * Texts of a PNG of which only the first or the last bytes are known. Chunks are those of png_chunks.ts; a chunk counts
 * when it is there as a whole and its checksum is right.
 */
import { crc32 } from "node:zlib";
import type { Size } from "./frame.ts";
import { readText } from "./png.ts";
import { isPng, latin1 } from "./png_chunks.ts";

const SIGNATURE_BYTES = 8;
/** Length, type and checksum of a chunk. */
const FRAME_BYTES = 12;

/** What the first bytes of a PNG show. */
export interface PngStart {
  /** Absent when the header is damaged or missing. */
  readonly size?: Size;
  readonly texts: ReadonlyMap<string, string>;
}

/** Reads the chunks at the start of a PNG up to its pixels or to the end of `bytes`. */
export function readPngStart(bytes: Uint8Array): PngStart {
  const texts = new Map<string, string>();
  let size: Size | undefined;
  if (!isPng(bytes)) return { texts };
  for (let at = SIGNATURE_BYTES;;) {
    const chunk = wholeChunk(bytes, at);
    if (!chunk || chunk.type === "IDAT") return { size, texts };
    if (chunk.type === "IHDR" && chunk.data.length === 13) size = sizeOf(chunk.data);
    if (chunk.type === "iTXt") readText(chunk.data, texts);
    at += chunk.data.length + FRAME_BYTES;
  }
}

/** The texts in the last bytes of a PNG. Their chunks may begin anywhere in `bytes`. */
export function readPngEnd(bytes: Uint8Array): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (let at = 0; at + FRAME_BYTES <= bytes.length;) {
    const isText = latin1(bytes.subarray(at + 4, at + 8)) === "iTXt";
    const chunk = isText ? wholeChunk(bytes, at) : undefined;
    if (chunk) readText(chunk.data, texts);
    at += chunk ? chunk.data.length + FRAME_BYTES : 1;
  }
  return texts;
}

/** The chunk at an offset; undefined when a part of it is missing or its checksum is wrong. */
function wholeChunk(bytes: Uint8Array, at: number): { type: string; data: Uint8Array } | undefined {
  if (at + FRAME_BYTES > bytes.length) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const dataEnd = at + 8 + view.getUint32(at);
  if (dataEnd + 4 > bytes.length) return undefined;
  if (crc32(bytes.subarray(at + 4, dataEnd)) !== view.getUint32(dataEnd)) return undefined;
  return { type: latin1(bytes.subarray(at + 4, at + 8)), data: bytes.subarray(at + 8, dataEnd) };
}

function sizeOf(header: Uint8Array): Size {
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  return { width: view.getUint32(0), height: view.getUint32(4) };
}
