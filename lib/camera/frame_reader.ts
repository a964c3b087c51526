/**
 * Reads frames from a stream of bytes. The first line decides between two formats: YUV4MPEG2 of mjpegtools (a header line
 * with the size, then for each frame a line `FRAME` and the planes Y, U and V), and ffmpeg's multipart format, which older
 * versions write.
 */
import { FatalError } from "../errors.ts";
import type { Frame } from "../image/frame.ts";
import { ByteReader } from "./byte_reader.ts";
import { isBoundary, multipartFrames } from "./multipart_frames.ts";
import { checkSize, DEFAULT_FRAME_MS, planarFrames, type StreamFormat } from "./planar_frames.ts";

const MAX_LINE_CHARACTERS = 1_024;
/** Limit of text lines before the header; a Jetson's camera prints about five for each mode of its sensor. */
const MAX_TEXT_LINES = 500;
/** The mark of each frame. Parameters may precede the line end; ffmpeg writes none. */
const FRAME_LINE = new TextEncoder().encode("FRAME\n");

/** Receives the text that a program writes into the stream of its frames. */
type OnText = ((text: string) => void) | undefined;

/** Options of {@link readFrames}. */
export interface StreamOptions {
  /** Receives text before the header and before each frame; without it such text is an error. */
  readonly onText?: (text: string) => void;
  /** The format of multipart frames, which carry none. Without it the multipart format is an error. */
  readonly described?: Promise<StreamFormat | undefined>;
}

/** Reads frames until the stream ends. Throws a FatalError for any other format. Cancels the stream when the caller stops. */
export async function* readFrames(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  { onText, described }: StreamOptions = {},
): AsyncGenerator<Frame> {
  const bytes = new ByteReader(stream);
  try {
    const header = await headerLine(bytes, onText);
    if (header === undefined) return;
    if (described && isBoundary(header)) return yield* multipartFrames(bytes, header, described);
    const realign = (frame: Uint8Array) => skipToPlanes(frame, bytes, onText);
    yield* planarFrames(bytes, parseHeader(header), { bytes: FRAME_LINE, realign });
  } finally {
    await bytes.close();
  }
}

/** The first line, or the first header line where text is allowed before it; undefined for an empty stream. */
async function headerLine(bytes: ByteReader, onText: OnText): Promise<string | undefined> {
  for (let lines = 0; lines <= MAX_TEXT_LINES; lines++) {
    const line = await bytes.line();
    if (line === undefined || !onText || line.startsWith("YUV4MPEG2 ")) return line;
    onText(line);
  }
  throw new FatalError(`not a video stream: ${MAX_TEXT_LINES} lines of text`);
}

/** The planes of a frame whose line has parameters or follows text; undefined when the stream ends within them. */
async function skipToPlanes(
  frame: Uint8Array,
  rest: ByteReader,
  onText: OnText,
): Promise<Uint8Array | undefined> {
  const text = new TextDecoder("latin1").decode(onText ? frame : frame.subarray(0, MAX_LINE_CHARACTERS));
  const line = text.search(onText ? /FRAME[ \n]/ : /^FRAME[ \n]/);
  const begin = line < 0 ? 0 : text.indexOf("\n", line) + 1;
  if (begin === 0) {
    throw new FatalError(`expected a frame, found "${text.split("\n")[0].slice(0, 80)}"`);
  }
  // Text within the previous frame has shifted the end of its pixels to here: that is no text.
  if (line > 0 && !/[^\s -~]/.test(text.slice(0, line))) onText?.(text.slice(0, line));
  const lineBytes = FRAME_LINE.length;
  const missing = await rest.exactly(new Uint8Array(begin - lineBytes));
  if (!missing) return undefined;
  frame.copyWithin(lineBytes, begin);
  const planes = frame.subarray(lineBytes);
  planes.set(missing, planes.length - missing.length);
  return planes;
}

/**
 * Parses a header such as `YUV4MPEG2 W640 H480 F30:1 Ip A1:1 C420mpeg2 XCOLORRANGE=LIMITED`. Throws a FatalError for other
 * formats than 8-bit 4:2:0, and for frames over the size limit. Source: yuv4mpeg(5).
 */
export function parseHeader(line: string): StreamFormat {
  const words = line.split(" ");
  const field = (letter: string) => words.slice(1).find((word) => word.startsWith(letter))?.slice(1);
  const width = Number(field("W"));
  const height = Number(field("H"));
  const isSize = (pixels: number) => Number.isInteger(pixels) && pixels > 0;
  const isEightBit = /^420(jpeg|mpeg2|paldv)?$/.test(field("C") ?? "");
  if (words[0] !== "YUV4MPEG2" || !isSize(width) || !isSize(height) || !isEightBit) {
    throw new FatalError(`not a 4:2:0 video stream: "${line.slice(0, 80)}"`);
  }
  const [count, seconds] = (field("F") ?? "").split(":").map(Number);
  const frameMs = count > 0 && seconds > 0 ? 1000 * seconds / count : DEFAULT_FRAME_MS;
  const format = { width, height, fullRange: words.includes("XCOLORRANGE=FULL"), frameMs };
  checkSize(format);
  return format;
}
