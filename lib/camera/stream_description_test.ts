import assert from "node:assert/strict";
import { needs } from "../../test/needs.ts";
import { crop } from "../image/crop.ts";
import type { Frame } from "../image/frame.ts";
import { openCamera } from "./open_camera.ts";
import { ONCE } from "./test_source.ts";
import { matrixOf } from "./stream_description.ts";

/** The end of a stream's description, at standard or high definition. */
const stream = (codec: string, pixels: string, size = "640x480") =>
  `[info]   Stream #0:0[0x1](und): Video: ${codec}, ${pixels}, ${size} [SAR 1:1 DAR 4:3], 30 fps, 30 tbr`;

Deno.test("matrixOf() takes what ffmpeg says, whatever the size", () => {
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

Deno.test("matrixOf() of any other line is nothing", () => {
  for (
    const line of ["", "Input #0, avi, from 'Video: x'", "  Stream #0:1: Audio: aac (LC), 48000 Hz, stereo"]
  ) {
    assert.equal(matrixOf(line), undefined, line);
  }
});

const COLOUR = [192, 96, 48];
/** Wrong matrices and ranges are out by 8 and more; 8 bits of chroma by 3. */
const NEAR = 4;

/** COLOUR in Y'CbCr by the textbook. */
const BT601 = { tv: [118, 93, 174], pc: [119, 88, 180] };
const BT709 = { tv: [113, 96, 172], pc: [113, 93, 178] };

/** Clips of that colour: the pixels, how ffmpeg stores and tags them, and their luma if it is changed on the way. */
const CLIPS: Record<string, { pixels: number[]; size: string; args: string; luma?: number }> = {
  "BT.709, video range": { pixels: BT709.tv, size: "64x48", args: "libx264 -qp 0 -colorspace bt709" },
  "BT.709, full range": {
    pixels: BT709.pc,
    size: "64x48",
    args: "libx264 -qp 0 -colorspace bt709 -color_range pc",
  },
  "BT.601, video range": { pixels: BT601.tv, size: "64x48", args: "libx264 -qp 0 -colorspace smpte170m" },
  "BT.601 by its tag, though HD": {
    pixels: BT601.tv,
    size: "64x720",
    args: "libx264 -qp 0 -colorspace bt470bg",
  },
  "BT.709 by its tag, losslessly": {
    pixels: BT709.tv,
    size: "64x720",
    args: "ffv1 -colorspace bt709",
  },
  "HD without a tag": { pixels: BT709.tv, size: "64x720", args: "libx264 -qp 0" },
  "SD without a tag": { pixels: BT601.tv, size: "64x48", args: "libx264 -qp 0" },
  "HD of JPEGs": { pixels: BT601.tv, size: "64x720", args: "mjpeg -q:v 1", luma: BT601.pc[0] },
  "raw HD": { pixels: BT601.tv, size: "64x720", args: "rawvideo" },
};

for (const [name, clip] of Object.entries(CLIPS)) {
  Deno.test(`a clip's colours are right and its luma is its own: ${name}`, needs("ffmpeg"), async () => {
    const frame = await firstFrame(clip);
    const { rgb } = crop(frame, { x: 20, y: 20, width: 1, height: 1 });
    const near = COLOUR.every((value, at) => Math.abs(value - rgb[at]) <= NEAR);
    assert.ok(near, `${rgb} is not ${COLOUR}`);
    assert.ok(frame.pixels.kind === "yuv420");
    assert.equal(frame.pixels.y[20 * frame.width + 20], clip.luma ?? clip.pixels[0]);
  });
}

/** The first frame of a clip that ffmpeg makes. */
async function firstFrame(
  { pixels, size, args }: typeof CLIPS[string],
): Promise<Frame> {
  const folder = await Deno.makeTempDir();
  try {
    const clip = `${folder}/colour.mkv`;
    const source = `nullsrc=s=${size}:r=5:d=0.4,format=yuv420p,geq=${pixels.join(":")}`;
    const input = ["-v", "error", "-f", "lavfi", "-i", source, "-c:v"];
    const made = await new Deno.Command("ffmpeg", { args: [...input, ...args.split(" "), clip] }).output();
    assert.ok(made.success, new TextDecoder().decode(made.stderr));
    const camera = await openCamera(clip, ONCE);
    for await (const frame of camera.frames({ signal: new AbortController().signal })) return frame;
    throw new Error("a clip without a frame");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
