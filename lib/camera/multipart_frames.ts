/**
 * Reads ffmpeg's `mpjpeg` format with raw video: a MIME multipart stream with one part for each frame. Before 4.1 ffmpeg
 * cannot write full-range frames as YUV4MPEG2. Unlike bare raw video this format has the length of each frame, so that a
 * change of the frame size is detected.
 */
import { FatalError } from "../errors.ts";
import type { Frame } from "../image/frame.ts";
import { yuvBytes } from "../image/reframe.ts";
import type { ByteReader } from "./byte_reader.ts";
import { type FrameMark, planarFrames, type StreamFormat } from "./planar_frames.ts";

/** The first line; before ffmpeg 4.0 the boundary was `ffserver`. */
const BOUNDARY = /^--(ffmpeg|ffserver)\r$/;
const TYPE = /^Content-type: image\/jpeg\r$/;
const LENGTH = /^Content-length: (\d+)\r$/;
const HEADER_END = /^\r$/;

/** Whether this is the first line of such a stream. */
export function isBoundary(line: string): boolean {
  return BOUNDARY.test(line);
}

/**
 * Reads frames of one format until the stream ends. Throws a FatalError when a frame has another size.
 * @param boundary the first line, which is already read.
 * @param format the frames' format; the stream has no frames when it resolves with undefined.
 */
export async function* multipartFrames(
  bytes: ByteReader,
  boundary: string,
  format: Promise<StreamFormat | undefined>,
): AsyncGenerator<Frame> {
  const length = await firstLength(bytes);
  const described = length === undefined ? undefined : await format;
  if (length === undefined || !described) return;
  if (length !== yuvBytes(described)) {
    throw new FatalError(`ffmpeg gave a frame of ${length} bytes for ${described.width}x${described.height}`);
  }
  yield* planarFrames(bytes, described, markOf(boundary, length));
}

/** The length of the first frame by its header, in bytes; undefined when the stream ends first. */
async function firstLength(bytes: ByteReader): Promise<number | undefined> {
  let length = "";
  for (const form of [TYPE, LENGTH, HEADER_END]) {
    const line = await bytes.line();
    if (line === undefined) return undefined;
    const match = form.exec(line);
    if (!match) throw new FatalError(`expected a frame, found "${line.slice(0, 80)}"`);
    length = match[1] ?? length;
  }
  return Number(length);
}

/** The bytes between two frames of one size. */
function markOf(boundary: string, length: number): FrameMark {
  const text = `\r\n${boundary}\nContent-type: image/jpeg\r\nContent-length: ${length}\r\n\r\n`;
  return {
    bytes: new TextEncoder().encode(text),
    notFirst: true,
    realign: () => Promise.reject(new FatalError("the frames changed their size")),
  };
}
