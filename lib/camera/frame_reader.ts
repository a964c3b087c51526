/**
 * Frames out of a stream of bytes in the YUV4MPEG2 format of mjpegtools: a header line with the size, then for each
 * frame a line that begins with FRAME and the planes Y, U and V.
 */
import { Failure } from "../errors.ts";
import type { Frame } from "../image/frame.ts";
import { ByteReader } from "./byte_reader.ts";
import { checkSize, type FrameMark, planarFrames, type StreamFormat } from "./planar_frames.ts";

const MAX_LINE_CHARACTERS = 1_024;
/** What each frame begins with; parameters, which ffmpeg does not write, may stand before the end of the line. */
const FRAME_LINE: FrameMark = { bytes: new TextEncoder().encode("FRAME\n"), realign: skipParameters };
const DEFAULT_FRAME_MS = 40;

/** Reads frames until the stream ends. Throws when it is no such stream. */
export async function* readFrames(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<Frame> {
  const bytes = new ByteReader(stream);
  try {
    const header = await bytes.line();
    if (header === undefined) return;
    yield* planarFrames(bytes, parseHeader(header), FRAME_LINE);
  } finally {
    await bytes.close();
  }
}

/** The planes of a frame whose line has parameters; nothing when the stream ends within them. */
async function skipParameters(frame: Uint8Array, rest: ByteReader): Promise<Uint8Array | undefined> {
  const text = new TextDecoder("latin1").decode(frame.subarray(0, MAX_LINE_CHARACTERS));
  const begin = text.indexOf("\n") + 1;
  if (!text.startsWith("FRAME ") || begin === 0) {
    throw new Failure(`no frame where one should begin: "${text.split("\n")[0].slice(0, 80)}"`);
  }
  const lineBytes = FRAME_LINE.bytes.length;
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
  const isEightBit = /^420(jpeg|mpeg2|paldv)?$/.test(field("C") ?? "");
  const isSize = (pixels: number) => Number.isInteger(pixels) && pixels > 0;
  if (words[0] !== "YUV4MPEG2" || !isSize(width) || !isSize(height) || !isEightBit) {
    throw new Failure(`not a 4:2:0 video stream: "${line.slice(0, 80)}"`);
  }
  const [count, seconds] = (field("F") ?? "").split(":").map(Number);
  const frameMs = count > 0 && seconds > 0 ? 1000 * seconds / count : DEFAULT_FRAME_MS;
  const format = { width, height, fullRange: words.includes("XCOLORRANGE=FULL"), frameMs };
  checkSize(format);
  return format;
}
