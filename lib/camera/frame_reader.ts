/**
 * Frames out of a stream of bytes. Either in the YUV4MPEG2 format of mjpegtools: a header line with the size, then for
 * each frame a line that begins with FRAME and the planes Y, U and V. Or the planes alone (I420), of a known size.
 */
import type { Frame, Size, YuvPixels } from "../image/frame.ts";
import { yuvBytes, yuvPlanes } from "../image/reframe.ts";

/** What the header line says. Sizes in pixels. */
export interface StreamFormat {
  readonly width: number;
  readonly height: number;
  readonly fullRange: boolean;
  /** From one frame to the next, milliseconds, as the stream says. */
  readonly frameMs: number;
}

const MAX_LINE_BYTES = 1_024;
/** Lines of text in front of the header; a Jetson's camera has some five for each mode of its sensor. */
const MAX_TEXT_LINES = 500;
/** What each frame begins with; parameters, which ffmpeg does not write, may stand before the end of the line. */
const FRAME_LINE = new TextEncoder().encode("FRAME\n");
/** Left free in front of the line, so that the planes begin at a word: V8 copies others to shared memory byte by byte. */
const FREE_BYTES = 8 - FRAME_LINE.length % 8;
const LINE_END = 10;
/** A larger frame is refused. */
export const MAX_FRAME_PIXELS = 64_000_000;
const DEFAULT_FRAME_MS = 40;

/**
 * Reads frames until the stream ends; a last frame that is cut short is left out. A frame's memory is used again for
 * another one once it is released. A program that also writes text to the same stream is read with `onText`: lines in
 * front of the header and of each frame go there; without it they are an error.
 */
export async function* readFrames(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  { onText }: { onText?: (text: string) => void } = {},
): AsyncGenerator<Frame> {
  const bytes = new ByteReader(stream);
  const released: ArrayBuffer[] = [];
  try {
    const header = await headerLine(bytes, onText);
    if (header === undefined) return;
    const format = parseHeader(header);
    const length = yuvBytes(format);
    let frames = 0;
    for (;;) {
      // The line and the planes in one: a read costs as much as a good part of a frame.
      const memory = released.pop() ?? new ArrayBuffer(FREE_BYTES + FRAME_LINE.length + length);
      const frame = await bytes.exactly(new Uint8Array(memory, FREE_BYTES));
      const planes = frame && await planesOf(frame, bytes, onText);
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

/** Reads I420 frames of `size` until the stream ends; the stream itself does not say what its bytes are. */
export async function* readI420(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  { width, height, colour }: Size & { readonly colour: Pick<YuvPixels, "fullRange" | "matrix"> },
): AsyncGenerator<Frame & { readonly pixels: YuvPixels }> {
  const bytes = new ByteReader(stream);
  const released: ArrayBuffer[] = [];
  const length = yuvBytes({ width, height });
  try {
    for (;;) {
      const memory = await bytes.exactly(new Uint8Array(released.pop() ?? new ArrayBuffer(length)));
      if (!memory) return;
      yield {
        width,
        height,
        pixels: { kind: "yuv420", ...yuvPlanes(memory, { width, height }), ...colour },
        capturedMs: Date.now(),
        atMs: performance.now(),
        release: () => released.push(memory.buffer),
      };
    }
  } finally {
    await bytes.close();
  }
}

/** The stream's first line, or the first that is a header where text may stand in front of it. */
async function headerLine(
  bytes: ByteReader,
  onText: ((text: string) => void) | undefined,
): Promise<string | undefined> {
  for (let lines = 0; lines <= MAX_TEXT_LINES; lines++) {
    const line = await bytes.line();
    if (line === undefined || !onText || line.startsWith("YUV4MPEG2 ")) return line;
    onText(line);
  }
  throw new Error(`not a video stream: ${MAX_TEXT_LINES} lines of text`);
}

/** The planes of a frame that begins with its line; nothing when the stream ends within them. */
async function planesOf(
  frame: Uint8Array,
  rest: ByteReader,
  onText: ((text: string) => void) | undefined,
): Promise<Uint8Array | undefined> {
  const planes = frame.subarray(FRAME_LINE.length);
  if (FRAME_LINE.every((byte, index) => byte === frame[index])) return planes;
  const text = new TextDecoder("latin1").decode(onText ? frame : frame.subarray(0, MAX_LINE_BYTES));
  const line = text.search(onText ? /FRAME[ \n]/ : /^FRAME[ \n]/);
  const begin = line < 0 ? 0 : text.indexOf("\n", line) + 1;
  if (begin === 0) throw new Error(`no frame where one should begin: "${text.split("\n")[0].slice(0, 80)}"`);
  // Text that came in the middle of the frame before has pushed the end of its pixels here.
  if (line > 0 && !/[^\s -~]/.test(text.slice(0, line))) onText?.(text.slice(0, line));
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

function frameOf(
  planes: Uint8Array,
  format: StreamFormat,
  facts: Pick<Frame, "capturedMs" | "atMs" | "release">,
): Frame {
  const { width, height, fullRange } = format;
  return { width, height, pixels: { kind: "yuv420", ...yuvPlanes(planes, format), fullRange }, ...facts };
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
