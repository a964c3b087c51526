/**
 * Frames out of ffmpeg's `mpjpeg` format with raw video in it: parts of a MIME multipart stream, one for each frame.
 * It serves where YUV4MPEG2 does not take frames of full range (before ffmpeg 4.1): unlike bare raw video it says of each
 * frame how long it is, so that frames of another size are noticed.
 */
import { FatalError } from "../errors.ts";
import type { Frame } from "../image/frame.ts";
import { yuvBytes } from "../image/reframe.ts";
import type { ByteReader } from "./byte_reader.ts";
import { type FrameMark, planarFrames, type StreamFormat } from "./planar_frames.ts";

/** The first line of such a stream; before 4.0 the boundary was named after another program of theirs. */
const BOUNDARY = /^--(ffmpeg|ffserver)\r$/;
const TYPE = /^Content-type: image\/jpeg\r$/;
const LENGTH = /^Content-length: (\d+)\r$/;
const HEADER_END = /^\r$/;

/** Whether a stream that begins with this line is one of these. */
export function isBoundary(line: string): boolean {
  return BOUNDARY.test(line);
}

/** Reads frames of one format until the stream ends, of which `boundary` was the first line. Throws a FatalError. */
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

/** The bytes of the first frame, as its header says; nothing when the stream ends before. */
async function firstLength(bytes: ByteReader): Promise<number | undefined> {
  let length = "";
  for (const form of [TYPE, LENGTH, HEADER_END]) {
    const line = await bytes.line();
    if (line === undefined) return undefined;
    const match = form.exec(line);
    if (!match) throw new FatalError(`no frame where one should begin: "${line.slice(0, 80)}"`);
    length = match[1] ?? length;
  }
  return Number(length);
}

/** What stands between two frames of one size. */
function markOf(boundary: string, length: number): FrameMark {
  const text = `\r\n${boundary}\nContent-type: image/jpeg\r\nContent-length: ${length}\r\n\r\n`;
  return {
    bytes: new TextEncoder().encode(text),
    notFirst: true,
    realign: () => Promise.reject(new FatalError("the frames changed their size")),
  };
}
