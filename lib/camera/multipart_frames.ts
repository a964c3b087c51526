/**
 * Frames out of ffmpeg's `mpjpeg` format with raw video in it: parts of a MIME multipart stream, one for each frame.
 * It serves where YUV4MPEG2 does not take frames of full range (before ffmpeg 4.1): unlike bare raw video it says of each
 * frame how long it is, so that frames of another size are noticed.
 */
import { Failure } from "../errors.ts";
import type { Frame } from "../image/frame.ts";
import { yuvBytes } from "../image/reframe.ts";
import { ByteReader } from "./byte_reader.ts";
import { type FrameMark, planarFrames, type StreamFormat } from "./planar_frames.ts";

/** Before 4.0 the boundary was named after another program of theirs. */
const BOUNDARY = /^--(ffmpeg|ffserver)\r$/;
const TYPE = /^Content-type: image\/jpeg\r$/;
const LENGTH = /^Content-length: (\d+)\r$/;
const HEADER_END = /^\r$/;

/** Reads frames of one format until the stream ends. Throws a Failure when it is no such stream. */
export async function* readMultipartFrames(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  format: Promise<StreamFormat | undefined>,
): AsyncGenerator<Frame> {
  const bytes = new ByteReader(stream);
  try {
    const header = await firstHeader(bytes);
    const described = header && await format;
    if (!described) return;
    const { boundary, length } = header;
    if (length !== yuvBytes(described)) {
      throw new Failure(`ffmpeg gave a frame of ${length} bytes for ${described.width}x${described.height}`);
    }
    yield* planarFrames(bytes, described, markOf(boundary, length));
  } finally {
    await bytes.close();
  }
}

/** What stands in front of the first frame; nothing when the stream ends before. */
async function firstHeader(bytes: ByteReader): Promise<{ boundary: string; length: number } | undefined> {
  const found: string[] = [];
  for (const form of [BOUNDARY, TYPE, LENGTH, HEADER_END]) {
    const line = await bytes.line();
    if (line === undefined) return undefined;
    const match = form.exec(line);
    if (!match) throw new Failure(`no frame where one should begin: "${line.slice(0, 80)}"`);
    found.push(match[1]);
  }
  return { boundary: found[0], length: Number(found[2]) };
}

/** What stands between two frames of one size. */
function markOf(boundary: string, length: number): FrameMark {
  const text = `\r\n--${boundary}\r\nContent-type: image/jpeg\r\nContent-length: ${length}\r\n\r\n`;
  return {
    bytes: new TextEncoder().encode(text),
    notFirst: true,
    realign: () => Promise.reject(new Failure("the frames changed their size")),
  };
}
