/**
 * Checks that a PNG inflates to no more bytes than its header says, without allocating them. ffmpeg needs this check in
 * front of it, because it inflates texts, colour profiles and the frames of an animation without a limit.
 * Format: W3C PNG, third edition. Each frame of an animation has a header (fcTL) and its own zlib stream in chunks fdAT,
 * behind a sequence number of 4 bytes. The picture itself (IDAT) may be the first frame.
 */
import { createInflate } from "node:zlib";
import { RejectedMessageError } from "../errors.ts";
import {
  type Chunk,
  internationalText,
  joined,
  pixelStream,
  type PngHeader,
  readChunks,
} from "./png_chunks.ts";
import { inflatedBytes } from "./png_pixels.ts";

/** Limit of all inflated texts and colour profiles; the largest profiles have 4 MB. */
const MAX_BESIDE_BYTES = 16 * 2 ** 20;
/** Limit of all inflated frames, about 170 of 1920x1080; all of them are inflated before the first one is used. */
const MAX_ANIMATION_BYTES = 2 ** 30;
/** Pixels up to this size are checked by `decodePng()` alone, which inflates them at once. */
const FEW_BYTES = 32 * 2 ** 20;
const PIECE_BYTES = 2 ** 16;

/** Throws a RejectedMessageError when the pixels, a frame, texts or colour profiles inflate to more than they may. */
export async function checkPng(bytes: Uint8Array): Promise<void> {
  const { header, chunks } = readChunks(bytes);
  let besideBytes = 0;
  for (const { type, data } of chunks) {
    besideBytes += await inflatedLength(besideThePixels(type, data), MAX_BESIDE_BYTES - besideBytes);
    if (besideBytes > MAX_BESIDE_BYTES) {
      throw new RejectedMessageError(
        `PNG with more than ${MAX_BESIDE_BYTES} bytes of texts and colour profiles`,
      );
    }
  }
  let bytesOfAll = 0;
  for (const { size, parts } of framesOf(header, chunks)) {
    bytesOfAll += await checkStream(joined(parts), { ...header, ...size });
    if (bytesOfAll > MAX_ANIMATION_BYTES) {
      throw new RejectedMessageError(`animated PNG with more than ${MAX_ANIMATION_BYTES} bytes of pixels`);
    }
  }
}

/** Like `checkPng()`, for what `decodePng()` inflates: the pixels of the picture. Pixels up to FEW_BYTES pass. */
export async function checkPixels(bytes: Uint8Array): Promise<void> {
  const { header, chunks } = readChunks(bytes);
  if (inflatedBytes(header) <= FEW_BYTES) return;
  await checkStream(pixelStream(chunks), header);
}

/** The number of bytes of the inflated pixels. Throws a RejectedMessageError when it exceeds what the header says. */
async function checkStream(deflated: Uint8Array, header: PngHeader): Promise<number> {
  const most = inflatedBytes(header);
  const length = await inflatedLength(deflated, most);
  if (length > most) throw new RejectedMessageError("damaged PNG: more pixels than its header says");
  return length;
}

/** The zlib stream of a text or a colour profile; empty when the chunk has none. */
function besideThePixels(type: string, data: Uint8Array): Uint8Array {
  const nothing = data.subarray(0, 0);
  if (type === "iTXt") {
    const found = internationalText(data);
    return found?.isCompressed ? found.text : nothing;
  }
  const keywordEnd = data.indexOf(0); // The number of the method follows.
  return keywordEnd >= 0 && (type === "zTXt" || type === "iCCP") ? data.subarray(keywordEnd + 2) : nothing;
}

interface AnimationFrame {
  readonly size: { readonly width: number; readonly height: number };
  readonly parts: Uint8Array[];
}

/** The frames, including the picture itself. Throws a RejectedMessageError when one is larger than the picture. */
function framesOf({ width, height }: PngHeader, chunks: readonly Chunk[]): AnimationFrame[] {
  const frames: AnimationFrame[] = [{ size: { width, height }, parts: [] }];
  for (const { type, data } of chunks) {
    if (type === "fcTL" && data.length >= 12) {
      const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
      const size = { width: view.getUint32(4), height: view.getUint32(8) };
      if (size.width > width || size.height > height) {
        throw new RejectedMessageError("damaged PNG: a frame is larger than its header says");
      }
      frames.push({ size, parts: [] });
    } else if (type === "IDAT") frames.at(-1)!.parts.push(data);
    else if (type === "fdAT") frames.at(-1)!.parts.push(data.subarray(4));
  }
  return frames.filter(({ parts }) => parts.length > 0);
}

/** The number of bytes that a stream inflates to, up to its first damage. The count stops when it exceeds `most`. */
async function inflatedLength(deflated: Uint8Array, most: number): Promise<number> {
  let length = 0;
  if (deflated.length === 0) return length;
  const inflating = createInflate({ chunkSize: PIECE_BYTES });
  inflating.end(deflated);
  try {
    for await (const piece of inflating) if ((length += piece.length) > most) break;
  } catch {
    // The decoder reports the damage.
  }
  return length;
}
