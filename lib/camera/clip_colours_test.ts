/** A clip's colours are right, whatever its matrix, range and size. */
import assert from "node:assert/strict";
import { needs } from "../../test/needs.ts";
import { run } from "../testing/command.ts";
import { TempFolder } from "../testing/temp_folder.ts";
import { crop } from "../image/crop.ts";
import type { Frame } from "../image/frame.ts";
import { openCamera } from "./open_camera.ts";
import { ONCE } from "../testing/source_options.ts";

const COLOUR = [192, 96, 48];
/** Tolerance: a wrong matrix or range differs by at least 8, the rounding of 8-bit chroma by at most 3. */
const NEAR = 4;

/** COLOUR in Y'CbCr, by the definitions of BT.601 and BT.709. */
const BT601 = { tv: [118, 93, 174], pc: [119, 88, 180] };
const BT709 = { tv: [113, 96, 172], pc: [113, 93, 178] };

/** Clips of that colour: pixels, ffmpeg's encoding, and the luma after it where it differs. */
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
  Deno.test(`a clip has its colours and unchanged luma: ${name}`, needs("ffmpeg"), async () => {
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
  using folder = new TempFolder();
  const path = folder.at("colour.mkv");
  const source = `nullsrc=s=${size}:r=5:d=0.4,format=yuv420p,geq=${pixels.join(":")}`;
  await run("ffmpeg", ["-v", "error", "-f", "lavfi", "-i", source, "-c:v", ...args.split(" "), path]);
  const camera = await openCamera(path, ONCE);
  for await (const frame of camera.frames({ signal: new AbortController().signal })) return frame;
  throw new Error("a clip without a frame");
}
