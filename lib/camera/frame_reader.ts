/**
 * Frames out of a stream of bytes in the YUV4MPEG2 format of mjpegtools: a header line with the size, then for each
 * frame a line that begins with FRAME and the planes Y, U and V.
 */
import type { Frame } from "../image/frame.ts";

/** What the header line says. Sizes in pixels. */
export interface StreamFormat {
  readonly width: number;
  readonly height: number;
  readonly fullRange: boolean;
  /** From one frame to the next, milliseconds, as the stream says. */
  readonly frameMs: number;
}

const MAX_LINE_BYTES = 1_024;
/** What each frame begins with; parameters, which ffmpeg does not write, may stand before the end of the line. */
const FRAME_LINE = new TextEncoder().encode("FRAME\n");
/** Left free in front of the line, so that the planes begin at a word: V8 copies others to shared memory byte by byte. */
const FREE_BYTES = 8 - FRAME_LINE.length % 8;
const LINE_END = 10;
const MAX_FRAME_PIXELS = 64_000_000;
const DEFAULT_FRAME_MS = 40;

/**
 * Reads frames until the stream ends; a last frame that is cut short is left out. A frame's memory is used again for
 * another one once it is released.
 */
export async function* readFrames(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<Frame> {
  const bytes = new ByteReader(stream);
  const released: ArrayBuffer[] = [];
  try {
    const header = await bytes.line();
    if (header === undefined) return;
    const format = parseHeader(header);
    const length = frameBytes(format);
    let frames = 0;
    for (;;) {
      // The line and the planes in one: a read costs as much as a good part of a frame.
      const memory = released.pop() ?? new ArrayBuffer(FREE_BYTES + FRAME_LINE.length + length);
      const frame = await bytes.exactly(new Uint8Array(memory, FREE_BYTES));
      const planes = frame && await planesOf(frame, bytes);
      if (!planes) return;
      yield frameOf(planes, format, {
        capturedMs: Date.now(),
        atMs: frames++ * format.frameMs,
        release: () => released.push(frame.buffer),
      });
    }
  } finally {
    await bytes.close();
  }
}

/** The planes of a frame that begins with its line; nothing when the stream ends within them. */
async function planesOf(frame: Uint8Array, rest: ByteReader): Promise<Uint8Array | undefined> {
  const planes = frame.subarray(FRAME_LINE.length);
  if (FRAME_LINE.every((byte, index) => byte === frame[index])) return planes;
  const text = new TextDecoder("latin1").decode(frame.subarray(0, MAX_LINE_BYTES));
  const begin = text.indexOf("\n") + 1;
  if (!text.startsWith("FRAME ") || begin === 0) {
    throw new Error(`no frame where one should begin: "${text.split("\n")[0].slice(0, 80)}"`);
  }
  const missing = await rest.exactly(new Uint8Array(begin - FRAME_LINE.length));
  if (!missing) return undefined;
  frame.copyWithin(FRAME_LINE.length, begin);
  planes.set(missing, planes.length - missing.length);
  return planes;
}

/** Reads a header such as `YUV4MPEG2 W640 H480 F30:1 Ip A1:1 C420mpeg2 XCOLORRANGE=LIMITED`. */
export function parseHeader(line: string): StreamFormat {
  const words = line.split(" ");
  const field = (letter: string) => words.slice(1).find((word) => word.startsWith(letter))?.slice(1);
  const width = Number(field("W"));
  const height = Number(field("H"));
  const isSize = (pixels: number) => Number.isInteger(pixels) && pixels > 0;
  const isEightBit = /^420(jpeg|mpeg2|paldv)?$/.test(field("C") ?? "");
  if (words[0] !== "YUV4MPEG2" || !isSize(width) || !isSize(height) || !isEightBit) {
    throw new Error(`not a 4:2:0 video stream: "${line.slice(0, 80)}"`);
  }
  if (width * height > MAX_FRAME_PIXELS) throw new Error(`frames of ${width}x${height} are too large`);
  const [count, seconds] = (field("F") ?? "").split(":").map(Number);
  const frameMs = count > 0 && seconds > 0 ? 1000 * seconds / count : DEFAULT_FRAME_MS;
  return { width, height, fullRange: words.includes("XCOLORRANGE=FULL"), frameMs };
}

function chromaBytes({ width, height }: StreamFormat): number {
  return ((width + 1) >> 1) * ((height + 1) >> 1);
}

function frameBytes(format: StreamFormat): number {
  return format.width * format.height + 2 * chromaBytes(format);
}

function frameOf(
  planes: Uint8Array,
  format: StreamFormat,
  facts: Pick<Frame, "capturedMs" | "atMs" | "release">,
): Frame {
  const { width, height, fullRange } = format;
  const chroma = chromaBytes(format);
  const luma = width * height;
  const y = planes.subarray(0, luma);
  const u = planes.subarray(luma, luma + chroma);
  const v = planes.subarray(luma + chroma);
  return { width, height, pixels: { kind: "yuv420", y, u, v, fullRange }, ...facts };
}

/** Takes lines and exact numbers of bytes from a stream, straight into the memory where they are to be. */
class ByteReader {
  readonly #reader: ReadableStreamBYOBReader;

  constructor(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.#reader = stream.getReader({ mode: "byob" });
  }

  /** The next line without its end; nothing at the end of the stream. */
  async line(): Promise<string | undefined> {
    let text = "";
    while (text.length <= MAX_LINE_BYTES) {
      const part = await this.exactly(new Uint8Array(1));
      if (!part) return undefined;
      if (part[0] === LINE_END) return text;
      text += String.fromCharCode(part[0]);
    }
    throw new Error("not a video stream: a line without an end");
  }

  /** Fills `view`, whose memory is handed over and comes back under the result; nothing when the stream ends before. */
  async exactly(view: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const { value, done } = await this.#reader.read(view, { min: view.length });
    return done ? undefined : value;
  }

  async close(): Promise<void> {
    await this.#reader.cancel().catch(() => {});
  }
}
