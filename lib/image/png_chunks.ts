/**
 * The chunks of a PNG, each checked before it is used.
 * Format: W3C PNG, third edition: an 8-byte signature, then chunks from the header (IHDR) to the end (IEND). A chunk:
 *
 *     length of the data (u32, big-endian) | type (4 letters) | data | CRC-32 of type and data (u32)
 */
import { crc32 } from "node:zlib";
import { RejectedMessageError } from "../errors.ts";

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
/** Maximum size of a picture that is received, above MAX_FRAME_PIXELS; a larger one is an attack on memory. */
export const MAX_PIXELS = 64_000_000;
/** Maximum number of chunks. libpng writes one per 8 KiB of pixels; more are an attack on time. */
const MAX_CHUNKS = 100_000;

export const GRAY = 0;
export const TRUE_COLOUR = 2;
export const INDEXED_COLOUR = 3;
export const GRAY_ALPHA = 4;
export const TRUE_COLOUR_ALPHA = 6;

/** One chunk after the header. */
export interface Chunk {
  readonly type: string;
  readonly data: Uint8Array;
}

/** The header. Sizes in pixels. */
export interface PngHeader {
  readonly width: number;
  readonly height: number;
  /** Bits per sample. */
  readonly depth: number;
  readonly colour: number;
  readonly interlaced: boolean;
  /** Whether the methods of compression, filtering and interlacing are defined. */
  readonly isKnown: boolean;
}

/** Whether the bytes begin with the signature of a PNG. */
export function isPng(bytes: Uint8Array): boolean {
  return SIGNATURE.every((byte, index) => bytes[index] === byte);
}

/** A whole PNG of these chunks. */
export function joinChunks(chunks: readonly Chunk[]): Uint8Array<ArrayBuffer> {
  return joined([SIGNATURE, ...chunks.map(chunkBytes)]);
}

/** Reads the header and all chunks up to the end; bytes after it are ignored. Throws a RejectedMessageError. */
export function readChunks(bytes: Uint8Array): { header: PngHeader; chunks: Chunk[] } {
  if (!isPng(bytes)) throw new RejectedMessageError("no PNG signature");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks: Chunk[] = [];
  let header: PngHeader | undefined;
  for (let at = SIGNATURE.length;;) {
    if (at + 12 > bytes.length) throw new RejectedMessageError("truncated PNG");
    const length = view.getUint32(at);
    const type = latin1(bytes.subarray(at + 4, at + 8));
    const dataEnd = at + 8 + length;
    if (dataEnd + 4 > bytes.length) throw new RejectedMessageError("truncated PNG");
    if (crc32(bytes.subarray(at + 4, dataEnd)) !== view.getUint32(dataEnd)) {
      throw new RejectedMessageError(`damaged PNG: the checksum of its ${named(type)} chunk is wrong`);
    }
    const data = bytes.subarray(at + 8, dataEnd);
    if (!header && type !== "IHDR") throw new RejectedMessageError("damaged PNG: no header");
    // Decoders might use the later one, which was not checked.
    if (header && type === "IHDR") throw new RejectedMessageError("damaged PNG: a second header");
    if (type === "IEND") break;
    if (!header) header = readHeader(data);
    else chunks.push({ type, data });
    if (chunks.length > MAX_CHUNKS) throw new RejectedMessageError(`PNG with more than ${MAX_CHUNKS} chunks`);
    at = dataEnd + 4;
  }
  if (!header) throw new RejectedMessageError("damaged PNG: no header");
  if (!chunks.some(({ type }) => type === "IDAT")) throw new RejectedMessageError("damaged PNG: no pixels");
  return { header, chunks };
}

function readHeader(data: Uint8Array): PngHeader {
  if (data.length !== 13) throw new RejectedMessageError("damaged PNG: no header");
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  if (width === 0 || height === 0) throw new RejectedMessageError("damaged PNG: no pixels");
  if (width * height > MAX_PIXELS) {
    throw new RejectedMessageError(`PNG of ${width}x${height}: more than ${MAX_PIXELS} pixels`);
  }
  const [depth, colour, compression, filter, interlace] = data.subarray(8);
  const isKnown = compression === 0 && filter === 0 && interlace <= 1;
  return { width, height, depth, colour, interlaced: interlace === 1, isKnown };
}

/** The zlib stream of the pixels: the data of all chunks IDAT. */
export function pixelStream(chunks: readonly Chunk[]): Uint8Array<ArrayBuffer> {
  return joined(chunks.filter(({ type }) => type === "IDAT").map(({ data }) => data));
}

/** An international text (iTXt), neither decoded nor inflated. */
export interface InternationalText {
  readonly keyword: Uint8Array;
  readonly isCompressed: boolean;
  readonly text: Uint8Array;
}

/**
 * Splits the data of a chunk iTXt; undefined when a part is missing. Format:
 *
 *     keyword | 0 | compressed (0 or 1) | method | language | 0 | translated keyword | 0 | text in UTF-8
 */
export function internationalText(data: Uint8Array): InternationalText | undefined {
  const keywordEnd = data.indexOf(0);
  const languageEnd = data.indexOf(0, keywordEnd + 3);
  const translatedEnd = data.indexOf(0, languageEnd + 1);
  if (keywordEnd < 0 || languageEnd < 0 || translatedEnd < 0) return undefined;
  return {
    keyword: data.subarray(0, keywordEnd),
    isCompressed: data[keywordEnd + 1] !== 0,
    text: data.subarray(translatedEnd + 1),
  };
}

/** The parts, concatenated. */
export function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Decodes Latin-1. For short texts only: each byte is an argument on the stack. */
export function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

function chunkBytes({ type, data }: Chunk): Uint8Array {
  const bytes = new Uint8Array(data.length + 12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  bytes.set(new TextEncoder().encode(type), 4);
  bytes.set(data, 8);
  view.setUint32(data.length + 8, crc32(bytes.subarray(4, data.length + 8)));
  return bytes;
}

function named(type: string): string {
  return /^[A-Za-z]{4}$/.test(type) ? type : "unnamed";
}
