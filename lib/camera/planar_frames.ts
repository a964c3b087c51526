/** Frames of one size out of a stream of bytes: a mark, then the planes Y, U and V, again and again. */
import { FatalError } from "../errors.ts";
import type { Frame, Size, YuvPixels } from "../image/frame.ts";
import { yuvBytes, yuvPlanes } from "../image/reframe.ts";
import type { ByteReader } from "./byte_reader.ts";

/** What every frame of a stream has in common. Sizes in pixels. */
export interface StreamFormat {
  readonly width: number;
  readonly height: number;
  readonly fullRange: boolean;
  /** From one frame to the next, milliseconds, as the stream says. */
  readonly frameMs: number;
}

/** The bytes in front of each frame. */
export interface FrameMark {
  readonly bytes: Uint8Array;
  /** The first frame has none. */
  readonly notFirst?: true;
  /** Puts a frame in order that begins with other bytes; nothing when the stream ends within it. Throws if it cannot. */
  readonly realign: (frame: Uint8Array, rest: ByteReader) => Promise<Uint8Array | undefined>;
}

/** Planes begin at a word: V8 copies others to shared memory byte by byte. */
const WORD_BYTES = 8;
/** A larger frame is refused. */
export const MAX_FRAME_PIXELS = 64_000_000;

/**
 * Reads frames until the stream ends; a last frame that is cut short is left out. A frame's memory is used again for
 * another one once it is released.
 */
export async function* planarFrames(
  bytes: ByteReader,
  format: StreamFormat,
  mark: FrameMark,
): AsyncGenerator<Frame & { readonly pixels: YuvPixels }> {
  checkSize(format);
  const markBytes = mark.bytes.length;
  const freeBytes = WORD_BYTES - markBytes % WORD_BYTES;
  const length = freeBytes + markBytes + yuvBytes(format);
  const released: ArrayBuffer[] = [];
  for (let frames = 0;; frames++) {
    const memory = released.pop() ?? new ArrayBuffer(length);
    const bare = frames === 0 && mark.notFirst;
    // The mark and the planes in one: a read costs as much as a good part of a frame.
    const frame = await bytes.exactly(new Uint8Array(memory, bare ? freeBytes + markBytes : freeBytes));
    const planes = frame && (bare ? frame : await behindMark(frame, mark, bytes));
    if (!planes) return;
    yield frameOf(planes, format, {
      capturedMs: Date.now(),
      sourceTimeMs: frames * format.frameMs,
      release: () => released.push(frame.buffer),
    });
  }
}

/** Throws when frames are too large to be held. */
export function checkSize({ width, height }: Size): void {
  if (width * height <= MAX_FRAME_PIXELS) return;
  throw new FatalError(
    `frames of ${width}x${height} are too large: the limit is ${MAX_FRAME_PIXELS / 1e6} million pixels`,
    "give a smaller picture, or set a smaller resolution in the camera",
  );
}

async function behindMark(frame: Uint8Array, mark: FrameMark, rest: ByteReader) {
  if (mark.bytes.every((byte, index) => byte === frame[index])) return frame.subarray(mark.bytes.length);
  return await mark.realign(frame, rest);
}

function frameOf(
  planes: Uint8Array,
  format: StreamFormat,
  metadata: Pick<Frame, "capturedMs" | "sourceTimeMs" | "release">,
): Frame & { readonly pixels: YuvPixels } {
  const { width, height, fullRange } = format;
  return { width, height, pixels: { kind: "yuv420", ...yuvPlanes(planes, format), fullRange }, ...metadata };
}
