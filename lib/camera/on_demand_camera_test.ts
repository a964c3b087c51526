/** Cameras of JPEGs whose frames are decoded on demand: the same frames as decoded by one ffmpeg, and how many. */
import assert from "node:assert/strict";
import { FfmpegWrapper } from "../../test/servers/ffmpeg_wrapper.ts";
import { brightnessOf, FLAT, makeJpegs, PATTERN, withoutTables } from "../../test/servers/jpegs.ts";
import { MjpegCamera, showing } from "../../test/servers/mjpeg_camera.ts";
import { needs } from "../../test/needs.ts";
import type { Frame } from "../image/frame.ts";
import { run } from "../testing/command.ts";
import { pictures, read } from "../testing/read_camera.ts";
import { TempFolder } from "../testing/temp_folder.ts";
import { Demand } from "./demand.ts";
import type { SourceOptions } from "./open_camera.ts";

const part = needs("ffmpeg");
const brightness = ({ pixels }: Frame) => pixels.kind === "yuv420" ? pixels.y[0] : -1;
const isNear = (value: number, expected: number) => Math.abs(value - expected) <= 2;

/** Pixel formats of cameras, and what is done with their frames. */
const KINDS: Readonly<Record<string, Partial<SourceOptions>>> = {
  yuvj420p: {},
  yuvj422p: { rotate: 90, size: { width: 64, height: 32 } },
  yuvj444p: { rotate: 180 },
  gray: {},
};

for (const [format, options] of Object.entries(KINDS)) {
  Deno.test(`frames of ${format} are equal, bit for bit, to those of one ffmpeg`, part, async () => {
    const jpegs = await makeJpegs(PATTERN, { count: 4, size: "98x50", format });
    await using camera = showing(jpegs);
    using ffmpeg = new FfmpegWrapper();
    const expected = await pictures(camera.url, jpegs.length, { ...options, idleRate: 0 });
    assert.equal(ffmpeg.runs("decoder").length, 0);
    assert.deepEqual(await pictures(camera.url, jpegs.length, options), expected);
    assert.equal(ffmpeg.runs("decoder").length, 1);
  });
}

Deno.test("each frame has the time of its own JPEG, also between damaged ones", part, async () => {
  const count = 10;
  const flat = await makeJpegs(FLAT, { count, size: "64x48" });
  const cut = flat[0].slice(0, 40);
  const noise = Uint8Array.from({ length: 3_000 }, (_, index) => index * 7 % 251);
  // A frame header with nine components: the decoder gets the JPEG by its size, and has no frame for it.
  const wrong = flat[5].slice();
  wrong[wrong.findIndex((byte, at) => byte === 0xff && wrong[at + 1] === 0xc0) + 9] = 9;
  const sent: number[] = [];
  let next = -1;
  // Each good picture is sent once the one before it has come, with damaged ones ahead of it.
  await using camera = new MjpegCamera({
    picture: (number) => {
      if (next < 0) return flat[0];
      const kind = number % 4;
      if (kind === 1) return cut;
      if (kind === 2) return noise;
      if (kind === 3) return wrong;
      sent[next] ??= performance.now();
      return flat[next];
    },
    intervalMs: 40, // Longer than a JPEG takes to arrive.
  });
  const seen = new Set<number>();
  const reports = await read(camera.url, (frame) => {
    const number = flat.findIndex((_, index) => isNear(brightness(frame), brightnessOf(index)));
    if (next < 0) next = 1;
    if (number > 0 && sent[number] !== undefined) {
      assert.ok(frame.sourceTimeMs >= sent[number], `frame ${number} has the time of an earlier one`);
      seen.add(number);
    }
    if (number === next) next++;
    return next === count;
  });
  assert.equal(seen.size, count - 1);
  assert.deepEqual(reports, { changes: [], decoders: [undefined] });
});

Deno.test("JPEGs without Huffman tables are decoded", part, async () => {
  const jpegs = await makeJpegs(PATTERN, { count: 3, size: "96x64", encoder: ["-huffman", "default"] });
  const bare = jpegs.map(withoutTables);
  assert.ok(bare.every((jpeg, index) => jpeg.length < jpegs[index].length - 400));
  await using camera = showing(jpegs);
  await using other = showing(bare);
  assert.deepEqual(await pictures(other.url, 3), await pictures(camera.url, 3, { idleRate: 0 }));
});

Deno.test(
  "a quiet scene gives frames at the idle rate, and every frame once more is needed",
  part,
  async () => {
    await using camera = showing(await makeJpegs(PATTERN, { count: 2, size: "64x48" }));
    const left = { quiet: 0, busy: 0 };
    const demand = new Demand({ onLeftOut: (why) => left[why]++ });
    demand.set({ isQuiet: true, isBusy: false });
    const times: number[] = [];
    let leftOut = 0;
    await read(camera.url, ({ sourceTimeMs }) => {
      times.push(sourceTimeMs);
      if (times.length !== 14) return times.length === 50;
      leftOut = left.quiet;
      demand.set({ isQuiet: false, isBusy: false });
    }, { demand, idleRate: 4 });
    const quietMs = times[13] - times[1];
    // Where the machine stood still, one interval is made up for, and the last picture may be from before.
    assert.ok(quietMs >= 1_200, `${quietMs} ms for twelve intervals of 250 ms`);
    assert.ok(leftOut > 20, `${leftOut} frames left out`);
    assert.equal(left.quiet, leftOut, "none once more is needed");
  },
);

Deno.test(
  "only a live stream of JPEGs is decoded on demand, and only without options of ffmpeg",
  part,
  async () => {
    using ffmpeg = new FfmpegWrapper();
    await using camera = showing(await makeJpegs(PATTERN, { count: 2, size: "64x48" }));
    const copies = async (options: Partial<SourceOptions>) => {
      const before = ffmpeg.runs("copy").length;
      await read(camera.url, () => true, options);
      return ffmpeg.runs("copy").length - before;
    };
    assert.equal(await copies({}), 1);
    assert.equal(await copies({ idleRate: 0 }), 0);
    assert.equal(await copies({ repeat: false }), 0);
    assert.equal(await copies({ ffmpegOptions: ["-rw_timeout", "5000000"] }), 0);
  },
);

Deno.test(
  "a device that is asked for mjpeg is decoded on demand, with the same frames as by one ffmpeg",
  part,
  async () => {
    using folder = new TempFolder();
    const clip = folder.at("camera.avi");
    const scene = FLAT.replace("SIZE", "64x48").replace("*N", "*mod(N,3)");
    const made = ["-v", "error", "-f", "lavfi", "-i", scene, "-frames:v", "500"];
    await run("ffmpeg", [...made, "-c:v", "mjpeg", "-pix_fmt", "yuvj422p", clip]);
    // There is no camera here: the same ffmpeg reads a clip of JPEGs instead.
    const args = `-v repeat+info -hide_banner -nostats -nostdin -re -i ${clip}`;
    using ffmpeg = new FfmpegWrapper({ input: { of: "/dev/null", args } });
    const device = { inputFormat: "mjpeg", rate: 30, size: { width: 640, height: 480 } };
    const expected = await pictures("/dev/null", 3, { ...device, idleRate: 0 });
    assert.deepEqual(await pictures("/dev/null", 3, device), expected);
    const asked = "-f v4l2 -input_format mjpeg -framerate 30 -video_size 640x480 -i /dev/null";
    assert.deepEqual(ffmpeg.runs("copy").map(({ args }) => args.slice(args.indexOf("-f v4l2"))), [
      `${asked} -map 0:v:0 -c copy -flush_packets 1 -f mpjpeg pipe:1`,
    ]);
    assert.doesNotMatch(ffmpeg.runs("decoder")[0].args, /scale|fps=/);
    const others = await pictures("/dev/null", 3, { ...device, inputFormat: "yuyv422" });
    assert.deepEqual([others, ffmpeg.runs("copy").length], [expected, 1]);
  },
);
