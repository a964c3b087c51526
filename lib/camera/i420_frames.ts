/** Frames out of a stream of nothing but planes (I420): what its bytes are is known beforehand. */
import type { Frame, YuvPixels } from "../image/frame.ts";
import { ByteReader } from "./byte_reader.ts";
import { planarFrames, type StreamFormat } from "./planar_frames.ts";

/** Reads frames of one format until the stream ends. */
export async function* readI420(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  format: StreamFormat,
): AsyncGenerator<Frame & { readonly pixels: YuvPixels }> {
  const bytes = new ByteReader(stream);
  try {
    yield* planarFrames(bytes, format, {
      bytes: new Uint8Array(0),
      realign: () => Promise.resolve(undefined),
    });
  } finally {
    await bytes.close();
  }
}
