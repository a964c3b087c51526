/**
 * Frames out of ffmpeg's `mpjpeg` format with raw video in it: parts of a MIME multipart stream, one for each frame.
 * It serves where YUV4MPEG2 does not take frames of full range (before ffmpeg 4.1): unlike bare raw video it says of each
 * frame how long it is, so that frames of another size are noticed.
 */
import type { Frame } from "../image/frame.ts";
import { ByteReader } from "./byte_reader.ts";
import { frameBytes, type FrameMark, planarFrames, type StreamFormat } from "./planar_frames.ts";

const HEADER_LINES = ["--ffmpeg\r", "Content-type: image/jpeg\r", /^Content-length: (\d+)\r$/, "\r"];

/** Reads frames of one format until the stream ends. Throws when it is no such stream. */
export async function* readMultipartFrames(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  format: Promise<StreamFormat | undefined>,
): AsyncGenerator<Frame> {
  const bytes = new ByteReader(stream);
  try {
    const length = await partLength(bytes);
    const described = length === undefined ? undefined : await format;
    if (!described) return;
    if (length !== frameBytes(described)) {
      throw new Error(`a frame of ${length} bytes, ${described.width}x${described.height} takes other`);
    }
    yield* planarFrames(bytes, described, markOf(length));
  } finally {
    await bytes.close();
  }
}

/** The length of the first part, behind its header; nothing when the stream ends before. */
async function partLength(bytes: ByteReader): Promise<number | undefined> {
  let length: number | undefined;
  for (const expected of HEADER_LINES) {
    const line = await bytes.line();
    if (line === undefined) return undefined;
    const found = typeof expected === "string" ? line === expected : expected.exec(line);
    if (!found) throw new Error(`no frame where one should begin: "${line.slice(0, 80)}"`);
    if (found !== true) length = Number(found[1]);
  }
  return length;
}

/** What stands between two frames of one size. */
function markOf(length: number): FrameMark {
  const text = `\r\n--ffmpeg\r\nContent-type: image/jpeg\r\nContent-length: ${length}\r\n\r\n`;
  return {
    bytes: new TextEncoder().encode(text),
    notFirst: true,
    realign: () => Promise.reject(new Error("the frames changed their size")),
  };
}
