import assert from "node:assert/strict";
import { FfmpegMessages } from "./ffmpeg_messages.ts";

/** What ffmpeg 5.1 writes for a clip whose second half is gone, and for what it is asked to make of it. */
const SAID = `[info] Input #0, avi, from 'file:door.avi':
[info]   Stream #0:0: Video: h264 (High), yuv420p(tv, bt709, progressive), 640x480, 30 fps
[info] Output #0, yuv4mpegpipe, to 'pipe:1':
[info]   Stream #0:0: Video: wrapped_avframe, yuv420p(tv, smpte170m, progressive), 640x480, 30 fps
[h264 @ 0x55d0] [warning] concealing errors – à moitié
    Last message repeated 7 times
[h264 @ 0x55d0] [error] Invalid NAL unit size
[error] file:door.avi: End of file`;

/** The messages, read in pieces of `size` bytes. */
function read(text: string, size = text.length, saysLevels = true) {
  const bytes = new TextEncoder().encode(text);
  const pieces = Array.from(
    { length: Math.ceil(bytes.length / size) },
    (_, at) => bytes.subarray(at * size, (at + 1) * size),
  );
  return new FfmpegMessages(ReadableStream.from(pieces), { saysLevels });
}

Deno.test("the input's matrix and the complaints come out of what ffmpeg says, however it is cut", async () => {
  for (const size of [1, 7, 10_000]) {
    const { matrix, complaint } = read(SAID, size);
    assert.equal(await matrix, "bt709");
    assert.equal(await complaint, "[h264 @ 0x55d0] Invalid NAL unit size\nfile:door.avi: End of file");
  }
});

Deno.test("an ffmpeg without a word has neither", async () => {
  const { matrix, output, complaint } = read("");
  assert.deepEqual([await matrix, await output, await complaint], [undefined, undefined, ""]);
});

Deno.test("the matrix is known as soon as it is said, long before the end", async () => {
  const said = new TextEncoder().encode(SAID.split("\n").slice(0, 2).join("\n") + "\n");
  const endless = new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(said) });
  assert.equal(await new FfmpegMessages(endless, { saysLevels: true }).matrix, "bt709");
});

Deno.test("of endless complaints the last ones are kept", async () => {
  const { complaint } = read("[error] much ado\n".repeat(10_000) + "[fatal] about nothing");
  assert.ok((await complaint).length <= 4_096);
  assert.match(await complaint, /about nothing$/);
});

/** What ffmpeg 3.4 writes, which knows no levels. */
const SAID_WITHOUT_LEVELS = `Input #0, avi, from 'file:door.avi':
  Metadata:
    title           : Connection refused
  Duration: 00:00:01.00, start: 0.000000, bitrate: 179 kb/s
    Stream #0:0: Video: mjpeg (MJPG / 0x47504A4D), yuvj422p(pc, bt470bg/unknown/unknown), 64x48, 10 fps, 10 tbr
Stream mapping:
  Stream #0:0 -> #0:0 (mjpeg (native) -> rawvideo (native))
[swscaler @ 0x6eb2b60] deprecated pixel format used, make sure you did set range correctly
Output #0, mpjpeg, to 'pipe:1':
    Stream #0:0: Video: rawvideo (I420 / 0x30323449), yuvj420p, 64x48, q=2-31, 368 kb/s, 10 fps, 10 tbn
[mjpeg @ 0x55d0] error y=3 x=1
video:45kB audio:0kB subtitle:0kB other streams:0kB global headers:0kB muxing overhead: 1.4%`;

Deno.test("without levels, descriptions are no complaints, and the output's format is known", async () => {
  for (const size of [1, 10_000]) {
    const { matrix, output, complaint } = read(SAID_WITHOUT_LEVELS, size, false);
    assert.equal(await matrix, "bt601");
    assert.deepEqual(await output, { width: 64, height: 48, fullRange: true, frameMs: 100 });
    assert.equal(await complaint, "[mjpeg @ 0x55d0] error y=3 x=1");
  }
});
