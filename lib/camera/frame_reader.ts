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
const MAX_FRAME_PIXELS = 64_000_000;
const DEFAULT_FRAME_MS = 40;

/** Reads frames until the stream ends; a last frame that is cut short is left out. */
export async function* readFrames(stream: ReadableStream<Uint8Array>): AsyncGenerator<Frame> {
  const bytes = new ByteReader(stream);
  try {
    const header = await bytes.line();
    if (header === undefined) return;
    const format = parseHeader(header);
    let frames = 0;
    for (let line; (line = await bytes.line()) !== undefined;) {
      if (!line.startsWith("FRAME")) {
        throw new Error(`no frame where one should begin: "${line.slice(0, 80)}"`);
      }
      const planes = await bytes.exactly(frameBytes(format));
      if (!planes) return;
      yield frameOf(planes, format, frames++ * format.frameMs);
    }
  } finally {
    await bytes.close();
  }
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

function frameOf(planes: Uint8Array, format: StreamFormat, atMs: number): Frame {
  const { width, height, fullRange } = format;
  const chroma = chromaBytes(format);
  const luma = width * height;
  const y = planes.subarray(0, luma);
  const u = planes.subarray(luma, luma + chroma);
  const v = planes.subarray(luma + chroma);
  return { width, height, pixels: { kind: "yuv420", y, u, v, fullRange }, capturedMs: Date.now(), atMs };
}

/** Takes lines and exact numbers of bytes from a stream that gives chunks as it likes. */
class ByteReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #chunk: Uint8Array = new Uint8Array(0);

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#reader = stream.getReader();
  }

  /** The next line without its end, or nothing at the end of the stream. */
  async line(): Promise<string | undefined> {
    let text = "";
    while (text.length <= MAX_LINE_BYTES) {
      const end = this.#chunk.indexOf(0x0a);
      text += new TextDecoder("latin1").decode(end < 0 ? this.#chunk : this.#chunk.subarray(0, end));
      this.#chunk = end < 0 ? new Uint8Array(0) : this.#chunk.subarray(end + 1);
      if (end >= 0) return text;
      if (!await this.#refill()) return undefined;
    }
    throw new Error("not a video stream: a line without an end");
  }

  /** The next `length` bytes in an array of their own, or nothing when the stream ends before. */
  async exactly(length: number): Promise<Uint8Array | undefined> {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length;) {
      if (this.#chunk.length === 0 && !await this.#refill()) return undefined;
      const part = this.#chunk.subarray(0, length - at);
      bytes.set(part, at);
      at += part.length;
      this.#chunk = this.#chunk.subarray(part.length);
    }
    return bytes;
  }

  async close(): Promise<void> {
    await this.#reader.cancel().catch(() => {});
  }

  async #refill(): Promise<boolean> {
    const { value, done } = await this.#reader.read();
    if (value) this.#chunk = value;
    return !done;
  }
}
