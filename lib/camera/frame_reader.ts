/**
 * Frames out of a stream of bytes in the YUV4MPEG2 format of mjpegtools: a header line with the size, then for each
 * frame a line that begins with FRAME and the planes Y, U and V. Or in parts, as an old ffmpeg gives them: the first
 * line tells.
 */
import { FatalError } from "../errors.ts";
import type { Frame } from "../image/frame.ts";
import { ByteReader } from "./byte_reader.ts";
import { isBoundary, multipartFrames } from "./multipart_frames.ts";
import { checkSize, planarFrames, type StreamFormat } from "./planar_frames.ts";

const MAX_LINE_CHARACTERS = 1_024;
/** Lines of text in front of the header; a Jetson's camera has some five for each mode of its sensor. */
const MAX_TEXT_LINES = 500;
/** What each frame begins with; parameters, which ffmpeg does not write, may stand before the end of the line. */
const FRAME_LINE = new TextEncoder().encode("FRAME\n");
const DEFAULT_FRAME_MS = 40;

/** Takes the text that a program writes to the stream of its frames. */
type OnText = ((text: string) => void) | undefined;

/** What else there is to a stream. */
export interface StreamOptions {
  /** Takes lines of text in front of the header and of each frame; without it they are an error. */
  readonly onText?: (text: string) => void;
  /** The format of frames that come in parts, which do not say it. */
  readonly described?: Promise<StreamFormat | undefined>;
}

/** Reads frames until the stream ends. Throws a FatalError when it is no such stream. */
export async function* readFrames(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  { onText, described }: StreamOptions = {},
): AsyncGenerator<Frame> {
  const bytes = new ByteReader(stream);
  try {
    const header = await headerLine(bytes, onText);
    if (header === undefined) return;
    if (described && isBoundary(header)) return yield* multipartFrames(bytes, header, described);
    const realign = (frame: Uint8Array) => passOver(frame, bytes, onText);
    yield* planarFrames(bytes, parseHeader(header), { bytes: FRAME_LINE, realign });
  } finally {
    await bytes.close();
  }
}

/** The stream's first line, or the first that is a header where text may stand in front of it. */
async function headerLine(bytes: ByteReader, onText: OnText): Promise<string | undefined> {
  for (let lines = 0; lines <= MAX_TEXT_LINES; lines++) {
    const line = await bytes.line();
    if (line === undefined || !onText || line.startsWith("YUV4MPEG2 ")) return line;
    onText(line);
  }
  throw new FatalError(`not a video stream: ${MAX_TEXT_LINES} lines of text`);
}

/** The planes of a frame whose line has parameters or stands behind text; nothing when the stream ends within them. */
async function passOver(
  frame: Uint8Array,
  rest: ByteReader,
  onText: OnText,
): Promise<Uint8Array | undefined> {
  const text = new TextDecoder("latin1").decode(onText ? frame : frame.subarray(0, MAX_LINE_CHARACTERS));
  const line = text.search(onText ? /FRAME[ \n]/ : /^FRAME[ \n]/);
  const begin = line < 0 ? 0 : text.indexOf("\n", line) + 1;
  if (begin === 0) {
    throw new FatalError(`no frame where one should begin: "${text.split("\n")[0].slice(0, 80)}"`);
  }
  // Text that came in the middle of the frame before has pushed the end of its pixels here.
  if (line > 0 && !/[^\s -~]/.test(text.slice(0, line))) onText?.(text.slice(0, line));
  const lineBytes = FRAME_LINE.length;
  const missing = await rest.exactly(new Uint8Array(begin - lineBytes));
  if (!missing) return undefined;
  frame.copyWithin(lineBytes, begin);
  const planes = frame.subarray(lineBytes);
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
    throw new FatalError(`not a 4:2:0 video stream: "${line.slice(0, 80)}"`);
  }
  const [count, seconds] = (field("F") ?? "").split(":").map(Number);
  const frameMs = count > 0 && seconds > 0 ? 1000 * seconds / count : DEFAULT_FRAME_MS;
  const format = { width, height, fullRange: words.includes("XCOLORRANGE=FULL"), frameMs };
  checkSize(format);
  return format;
}
