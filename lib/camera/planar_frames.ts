/** Reads frames of one size from a stream of bytes: for each frame a mark, then the planes Y, U and V (4:2:0). */
import { FatalError } from "../errors.ts";
import { type Frame, FRAME_LIMIT, MAX_FRAME_PIXELS, type Size, type YuvPixels } from "../image/frame.ts";
import { yuvBytes, yuvPlanes } from "../image/reframe.ts";
import { ByteReader } from "./byte_reader.ts";

/** A frame of Y'CbCr planes. */
export type YuvFrame = Frame & { readonly pixels: YuvPixels };

/** The format of every frame of a stream. Sizes in pixels. */
export interface StreamFormat {
  readonly width: number;
  readonly height: number;
  readonly fullRange: boolean;
  /** Interval between frames by the stream's own rate, in milliseconds. */
  readonly frameMs: number;
}

/** The bytes before each frame. */
export interface FrameMark {
  readonly bytes: Uint8Array;
  /** The first frame has no mark. */
  readonly notFirst?: true;
  /**
   * Finds the planes of a frame that begins with other bytes; undefined when the stream ends first. Throws a FatalError
   * when there is no frame.
   */
  readonly realign: (frame: Uint8Array) => Promise<Uint8Array | undefined>;
}

/** Alignment of the planes: V8 copies unaligned arrays to shared memory byte by byte. */
const WORD_BYTES = 8;
/** Interval between frames where a stream has no rate. */
export const DEFAULT_FRAME_MS = 40;

/**
 * Reads frames until the stream ends; an incomplete last frame is dropped. The memory of a released frame is reused.
 * Throws a FatalError for frames over the size limit.
 */
export async function* planarFrames(
  bytes: ByteReader,
  format: StreamFormat,
  mark: FrameMark,
): AsyncGenerator<YuvFrame> {
  checkSize(format);
  const markBytes = mark.bytes.length;
  const freeBytes = WORD_BYTES - markBytes % WORD_BYTES;
  const length = freeBytes + markBytes + yuvBytes(format);
  const released: ArrayBuffer[] = [];
  for (let frames = 0;; frames++) {
    const memory = released.pop() ?? new ArrayBuffer(length);
    const bare = frames === 0 && mark.notFirst;
    // One read for mark and planes: the fixed cost of a read is a large part of the cost of a frame.
    const frame = await bytes.exactly(new Uint8Array(memory, bare ? freeBytes + markBytes : freeBytes));
    const planes = frame && (bare ? frame : await behindMark(frame, mark));
    if (!planes) return;
    yield frameOf(planes, format, {
      capturedMs: Date.now(),
      sourceTimeMs: frames * format.frameMs,
      release: () => released.push(frame.buffer),
    });
  }
}

/** Throws a FatalError when a frame of this size exceeds the limit. */
export function checkSize(size: Size): void {
  if (isWithinLimit(size)) return;
  const { width, height } = size;
  throw new FatalError(
    `frames of ${width}x${height} are too large: the limit is ${FRAME_LIMIT}`,
    "give a smaller picture, or set a smaller resolution in the camera",
  );
}

/** Whether frames of this size are read. */
export function isWithinLimit({ width, height }: Size): boolean {
  return width * height <= MAX_FRAME_PIXELS;
}

async function behindMark(frame: Uint8Array, mark: FrameMark) {
  if (mark.bytes.every((byte, index) => byte === frame[index])) return frame.subarray(mark.bytes.length);
  return await mark.realign(frame);
}

function frameOf(
  planes: Uint8Array,
  format: StreamFormat,
  metadata: Pick<Frame, "capturedMs" | "sourceTimeMs" | "release">,
): YuvFrame {
  const { width, height, fullRange } = format;
  return { width, height, pixels: { kind: "yuv420", ...yuvPlanes(planes, format), fullRange }, ...metadata };
}

/** Reads a stream of bare I420 frames of one format until it ends. Cancels the stream when the caller stops. */
export async function* readI420(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  format: StreamFormat,
): AsyncGenerator<YuvFrame> {
  const bytes = new ByteReader(stream);
  try {
    yield* planarFrames(bytes, format, {
      bytes: new Uint8Array(0),
      realign: () => Promise.resolve(undefined),
    });
  } finally {
    await bytes.close();
  }
}
