/** ffmpeg's messages: descriptions, complaints, colour matrices. */
import assert from "node:assert/strict";
import { durationOf, FfmpegMessages, matrixOf } from "./ffmpeg_messages.ts";

/** Messages of ffmpeg 5.1 for a clip without its second half. */
const SAID = `[info] Input #0, avi, from 'file:door.avi':
[info]   Stream #0:0: Video: h264 (High), yuv420p(tv, bt709, progressive), 640x480, 30 fps
[info] Output #0, yuv4mpegpipe, to 'pipe:1':
[info]   Stream #0:0: Video: wrapped_avframe, yuv420p(tv, smpte170m, progressive), 640x480, 30 fps
[h264 @ 0x55d0] [warning] concealing errors – à moitié
    Last message repeated 7 times
[h264 @ 0x55d0] [error] Invalid NAL unit size
[error] file:door.avi: End of file`;

/** Reads messages in chunks of `size` bytes. */
function read(text: string, size = text.length, saysLevels = true) {
  const bytes = new TextEncoder().encode(text);
  const pieces = Array.from(
    { length: Math.ceil(bytes.length / size) },
    (_, at) => bytes.subarray(at * size, (at + 1) * size),
  );
  return new FfmpegMessages(ReadableStream.from(pieces), { saysLevels });
}

Deno.test("FfmpegMessages finds matrix and complaints, wherever the stream is split into chunks", async () => {
  for (const size of [1, 7, 10_000]) {
    const { matrix, complaint } = read(SAID, size);
    assert.equal(await matrix, "bt709");
    assert.equal(await complaint, "[h264 @ 0x55d0] Invalid NAL unit size\nfile:door.avi: End of file");
  }
});

Deno.test("the duration is the one of the container, where it states one", async () => {
  const said = SAID.replace(
    "[info]   Stream",
    "[info]   Duration: 00:01:40.04, start: 0.000000\n[info]   Stream",
  );
  const [known, unknown] = [read(said), read(said.replace("00:01:40.04", "N/A"))];
  await Promise.all([known.complaint, unknown.complaint]);
  assert.deepEqual([known.durationMs, unknown.durationMs], [100_040, undefined]);
  assert.equal(durationOf("  Duration: 01:00:00.50, bitrate: 9 kb/s"), 3_600_500);
});

Deno.test("FfmpegMessages of an ffmpeg without messages are empty", async () => {
  const { matrix, output, complaint } = read("");
  assert.deepEqual([await matrix, await output, await complaint], [undefined, undefined, ""]);
});

Deno.test("the matrix is known before ffmpeg ends", async () => {
  const said = new TextEncoder().encode(SAID.split("\n").slice(0, 2).join("\n") + "\n");
  const endless = new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(said) });
  assert.equal(await new FfmpegMessages(endless, { saysLevels: true }).matrix, "bt709");
});

Deno.test("of long complaints the end is kept", async () => {
  const { complaint } = read("[error] much ado\n".repeat(10_000) + "[fatal] about nothing");
  assert.ok((await complaint).length <= 4_096);
  assert.match(await complaint, /about nothing$/);
});

/** Messages of ffmpeg 3.4, which prints no levels. */
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

Deno.test("without levels, descriptions are no complaints, and the output format is known", async () => {
  for (const size of [1, 10_000]) {
    const { matrix, output, complaint } = read(SAID_WITHOUT_LEVELS, size, false);
    assert.equal(await matrix, "bt601");
    assert.deepEqual(await output, { width: 64, height: 48, fullRange: true, frameMs: 100 });
    assert.equal(await complaint, "[mjpeg @ 0x55d0] error y=3 x=1");
  }
});

/** The description of a video stream. */
const stream = (codec: string, pixels: string, size = "640x480") =>
  `[info]   Stream #0:0[0x1](und): Video: ${codec}, ${pixels}, ${size} [SAR 1:1 DAR 4:3], 30 fps, 30 tbr`;

Deno.test("matrixOf() takes the stated matrix, whatever the size", () => {
  const h264 = "h264 (High) (avc1 / 0x31637661)";
  assert.equal(matrixOf(stream(h264, "yuv420p(tv, bt709, progressive)")), "bt709");
  assert.equal(matrixOf(stream(h264, "yuvj420p(pc, bt709/unknown/unknown, progressive)")), "bt709");
  assert.equal(matrixOf(stream(h264, "yuv420p(tv, smpte170m/bt709/bt709)", "1920x1080")), "bt601");
  assert.equal(matrixOf(stream("mjpeg (Baseline)", "yuvj422p(pc, bt470bg/unknown/unknown)")), "bt601");
  assert.equal(matrixOf(stream("hevc (Main 10)", "yuv420p10le(tv, bt2020nc/bt2020/smpte2084)")), "bt2020");
});

Deno.test("matrixOf() of a stream without a matrix: BT.709 for HD video, else BT.601", () => {
  const cases: [string, string, string, string][] = [
    ["h264 (High)", "yuv420p(progressive)", "1280x720", "bt709"],
    ["hevc (Main)", "yuv420p(tv)", "1920x1080", "bt709"],
    ["hevc (Main)", "p010le(tv, unknown/bt709/bt709)", "1920x1080", "bt709"],
    ["h264 (High)", "yuv420p(tv)", "1024x576", "bt601"],
    ["mjpeg (Baseline)", "yuvj422p(pc)", "1920x1080", "bt601"],
    ["rawvideo (YUY2 / 0x32595559)", "yuyv422", "1280x720", "bt601"],
    ["h264 (High 4:4:4 Predictive)", "gbrp(pc, gbr/unknown/unknown, progressive)", "1920x1080", "bt601"],
    ["png", "rgb24(pc)", "1920x1080", "bt601"],
  ];
  for (const [codec, pixels, size, matrix] of cases) {
    assert.equal(matrixOf(stream(codec, pixels, size)), matrix, `${codec} ${pixels} ${size}`);
  }
});

Deno.test("matrixOf() of any other line is undefined", () => {
  for (
    const line of ["", "Input #0, avi, from 'Video: x'", "  Stream #0:1: Audio: aac (LC), 48000 Hz, stereo"]
  ) {
    assert.equal(matrixOf(line), undefined, line);
  }
});
