/**
 * Decodes a PNG of any kind to RGB. At most as many bytes are inflated as the header promises, which limits memory and
 * time for a small malicious file.
 * Format: W3C PNG, third edition: one zlib stream, in which each row begins with the number of its filter (section 9);
 * an interlaced picture is seven smaller ones (Adam7, section 8.1).
 */
import { inflateSync } from "node:zlib";
import { messageOf, RejectedMessageError } from "../errors.ts";
import type { Picture } from "./crop.ts";
import { FRAME_LIMIT, MAX_FRAME_PIXELS } from "./frame.ts";
import {
  GRAY,
  GRAY_ALPHA,
  INDEXED_COLOUR,
  pixelStream,
  type PngHeader,
  readChunks,
  TRUE_COLOUR,
  TRUE_COLOUR_ALPHA,
} from "./png_chunks.ts";

/** Samples per pixel, and the allowed bits per sample, of each colour type. */
const KINDS: Readonly<Record<number, { channels: number; depths: readonly number[] }>> = {
  [GRAY]: { channels: 1, depths: [1, 2, 4, 8, 16] },
  [TRUE_COLOUR]: { channels: 3, depths: [8, 16] },
  [INDEXED_COLOUR]: { channels: 1, depths: [1, 2, 4, 8] },
  [GRAY_ALPHA]: { channels: 2, depths: [8, 16] },
  [TRUE_COLOUR_ALPHA]: { channels: 4, depths: [8, 16] },
};

/** The passes of Adam7: first column, first row, column step, row step. */
const ADAM7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

/** Size of the pieces in which a picture is inflated. */
const MAX_PIECE_BYTES = 2 ** 20;

/** The pixels of one pass, or all pixels of a picture that is not interlaced. */
interface Pass {
  readonly x: number;
  readonly y: number;
  readonly stepX: number;
  readonly stepY: number;
  /** In pixels. */
  readonly columns: number;
  readonly rows: number;
  readonly rowBytes: number;
}

/**
 * The pixels of a PNG as RGB. Gray, palette and 16-bit samples are converted and alpha is dropped, as OpenCV's
 * IMREAD_COLOR does. Throws a RejectedMessageError for anything but a whole PNG.
 */
export function decodePng(bytes: Uint8Array): Picture {
  const { header, chunks } = readChunks(bytes);
  const { width, height, depth, colour } = header;
  const kind = KINDS[colour];
  if (!header.isKnown || !kind?.depths.includes(depth)) {
    throw new RejectedMessageError(
      `unsupported PNG: colour type ${colour} with ${depth} bits per sample`,
    );
  }
  if (width * height > MAX_FRAME_PIXELS) {
    throw new RejectedMessageError(`PNG of ${width}x${height}: more than ${FRAME_LIMIT}`);
  }
  const passes = passesOf(header, kind.channels * depth);
  const palette = colour === INDEXED_COLOUR ? chunks.find(({ type }) => type === "PLTE")?.data : undefined;
  if (colour === INDEXED_COLOUR && !palette) throw new RejectedMessageError("damaged PNG: no palette");
  const inflated = inflate(pixelStream(chunks), inflatedBytes(header));
  const rgb = new Uint8Array(width * height * 3);
  const pixelBytes = Math.ceil(kind.channels * depth / 8);
  let at = 0;
  for (const pass of passes) {
    for (let row = 0; row < pass.rows; row++) {
      const filter = inflated[at++];
      unfilter(inflated, { filter, at, length: pass.rowBytes, pixelBytes, up: row && pass.rowBytes + 1 });
      const samples = inflated.subarray(at, at + pass.rowBytes);
      const to = ((pass.y + row * pass.stepY) * width + pass.x) * 3;
      writeRow(samples, rgb, { to, step: pass.stepX * 3, columns: pass.columns, header, palette });
      at += pass.rowBytes;
    }
  }
  return { width, height, rgb };
}

/** The number of bytes that the pixels inflate to: those of each row and one more. 0 for an unknown colour type. */
export function inflatedBytes(header: PngHeader): number {
  const pixelBits = (KINDS[header.colour]?.channels ?? 0) * header.depth;
  return passesOf(header, pixelBits).reduce((sum, { rows, rowBytes }) => sum + rows * (rowBytes + 1), 0);
}

/** The passes that hold pixels, in the order of the file. */
function passesOf({ width, height, interlaced }: PngHeader, pixelBits: number): Pass[] {
  const all: readonly (readonly number[])[] = interlaced ? ADAM7 : [[0, 0, 1, 1]];
  return all.map(([x, y, stepX, stepY]) => {
    const columns = Math.ceil((width - x) / stepX);
    const rows = Math.ceil((height - y) / stepY);
    return { x, y, stepX, stepY, columns, rows, rowBytes: Math.ceil(columns * pixelBits / 8) };
  }).filter(({ columns, rows }) => columns > 0 && rows > 0);
}

/** Inflates exactly `length` bytes. At most one byte more is inflated, to detect a longer stream. */
function inflate(data: Uint8Array, length: number): Uint8Array {
  let inflated: Uint8Array;
  try {
    inflated = inflateSync(data, {
      maxOutputLength: length + 1,
      chunkSize: Math.max(64, Math.min(MAX_PIECE_BYTES, length + 1)),
    });
  } catch (error) {
    const tooLong = (error as { code?: string }).code === "ERR_BUFFER_TOO_LARGE";
    throw new RejectedMessageError(
      `damaged PNG: ${tooLong ? "more pixels than in its header" : messageOf(error)}`,
    );
  }
  if (inflated.length === length) return inflated;
  throw new RejectedMessageError(
    `damaged PNG: ${inflated.length > length ? "more" : "fewer"} pixels than in its header`,
  );
}

/** Reverses the filter of a row in place. The row above begins `up` bytes before it; 0: there is none. */
function unfilter(
  bytes: Uint8Array,
  { filter, at, length, pixelBytes, up }: {
    filter: number;
    at: number;
    length: number;
    pixelBytes: number;
    up: number;
  },
): void {
  const end = at + length;
  const second = at + pixelBytes;
  if (filter === 1 || (filter === 4 && up === 0)) {
    for (let i = second; i < end; i++) bytes[i] += bytes[i - pixelBytes];
  } else if (filter === 2 && up > 0) {
    for (let i = at; i < end; i++) bytes[i] += bytes[i - up];
  } else if (filter === 3) {
    for (let i = at; i < end; i++) {
      bytes[i] += ((i < second ? 0 : bytes[i - pixelBytes]) + (up > 0 ? bytes[i - up] : 0)) >> 1;
    }
  } else if (filter === 4) {
    for (let i = at; i < end; i++) {
      const left = i < second ? 0 : bytes[i - pixelBytes];
      bytes[i] += paeth(left, bytes[i - up], i < second ? 0 : bytes[i - up - pixelBytes]);
    }
  } else if (filter > 4) {
    throw new RejectedMessageError(`damaged PNG: unknown filter ${filter}`);
  }
}

/** The Paeth predictor: the neighbour nearest to left + up - corner. */
function paeth(left: number, up: number, corner: number): number {
  const toLeft = Math.abs(up - corner);
  const toUp = Math.abs(left - corner);
  const toCorner = Math.abs(left + up - 2 * corner);
  return toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner;
}

/** Writes the pixels of one row to `rgb`, from `to` on and `step` apart. */
function writeRow(
  samples: Uint8Array,
  rgb: Uint8Array,
  { to, step, columns, header: { depth, colour }, palette }: {
    to: number;
    step: number;
    columns: number;
    header: PngHeader;
    palette: Uint8Array | undefined;
  },
): void {
  const channels = KINDS[colour].channels;
  // Of 16-bit samples the upper byte is used.
  const sampleBytes = depth === 16 ? 2 : 1;
  const [green, blue] = channels < 3 ? [0, 0] : [sampleBytes, 2 * sampleBytes];
  const scale = colour === INDEXED_COLOUR || depth >= 8 ? 1 : 255 / ((1 << depth) - 1);
  for (let column = 0; column < columns; column++, to += step) {
    if (depth < 8) {
      const bit = column * depth;
      const value = ((samples[bit >> 3] >> (8 - depth - (bit & 7))) & ((1 << depth) - 1)) * scale;
      writePixel(rgb, to, value, palette, colour);
    } else if (colour === INDEXED_COLOUR) {
      writePixel(rgb, to, samples[column], palette, colour);
    } else {
      const from = column * channels * sampleBytes;
      rgb[to] = samples[from];
      rgb[to + 1] = samples[from + green];
      rgb[to + 2] = samples[from + blue];
    }
  }
}

/** Writes a gray value, or the palette's colour of that index; a missing index is black. */
function writePixel(
  rgb: Uint8Array,
  to: number,
  value: number,
  palette: Uint8Array | undefined,
  colour: number,
): void {
  for (let channel = 0; channel < 3; channel++) {
    rgb[to + channel] = colour === INDEXED_COLOUR ? palette?.[value * 3 + channel] ?? 0 : value;
  }
}
