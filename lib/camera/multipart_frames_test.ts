/** Frames in ffmpeg's multipart format. */
import assert from "node:assert/strict";
import { FatalError } from "../errors.ts";
import type { Frame } from "../image/frame.ts";
import { readFrames } from "./frame_reader.ts";
import type { StreamFormat } from "./planar_frames.ts";

/** Odd sizes round chroma up: 9 + 2 * 4 bytes. */
const FORMAT: StreamFormat = { width: 3, height: 3, fullRange: true, frameMs: 100 };
const LENGTH = 17;

/** A stream as ffmpeg writes it; the bytes of frame n count up from 10 n. */
function stream(boundary: string, lengths: number[]): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  const parts = lengths.flatMap((length, frame) => [
    ...encoder.encode(`--${boundary}\r\nContent-type: image/jpeg\r\nContent-length: ${length}\r\n\r\n`),
    ...Array.from({ length }, (_, index) => 10 * frame + index),
    ...encoder.encode("\r\n"),
  ]);
  return Uint8Array.from([...parts, ...encoder.encode(`--${boundary}\r\n`)]);
}

/** Reads the frames of a stream in chunks of `size` bytes. */
function read(
  bytes: Uint8Array<ArrayBuffer>,
  size = bytes.length,
  format: StreamFormat | null = FORMAT,
) {
  let at = 0;
  const chunks = new ReadableStream({
    type: "bytes",
    pull(controller) {
      if (at < bytes.length) return controller.enqueue(bytes.slice(at, at += size));
      controller.close();
      controller.byobRequest?.respond(0);
    },
  });
  return Array.fromAsync(readFrames(chunks, { described: Promise.resolve(format ?? undefined) }));
}

const lumaOf = ({ pixels }: Frame) => pixels.kind === "yuv420" ? pixels.y[0] : undefined;

Deno.test("frames are complete with either boundary, wherever the stream is split into chunks", async () => {
  for (const boundary of ["ffmpeg", "ffserver"]) {
    for (const size of [1, 7, 1_000]) {
      const frames = await read(stream(boundary, [LENGTH, LENGTH, LENGTH]), size);
      assert.deepEqual(frames.map(lumaOf), [0, 10, 20], `${boundary}, chunks of ${size}`);
      assert.deepEqual(frames.map(({ sourceTimeMs }) => sourceTimeMs), [0, 100, 200]);
      const { pixels } = frames[1];
      assert.ok(pixels.kind === "yuv420" && pixels.fullRange && pixels.y.byteOffset % 8 === 0);
    }
  }
});

Deno.test("a truncated stream, or one without a format, has no further frames", async () => {
  const bytes = stream("ffmpeg", [LENGTH, LENGTH]);
  assert.equal((await read(bytes.slice(0, bytes.length - 20))).length, 1);
  assert.equal((await read(bytes.slice(0, 30))).length, 0);
  assert.equal((await read(bytes, 10, null)).length, 0);
});

Deno.test("a frame of another size, or other bytes, is an error", async () => {
  await assert.rejects(read(stream("ffmpeg", [LENGTH, LENGTH, 30])), /changed their size/);
  await assert.rejects(read(stream("ffmpeg", [30])), FatalError);
  await assert.rejects(read(stream("other", [LENGTH])), /not a 4:2:0 video stream/);
});
