/** JPEG files of the encoder, as ffmpeg decodes them. */
import assert from "node:assert/strict";
import { decodePicture } from "../camera/decode_picture.ts";
import { asset } from "../assets.ts";
import { inFullSuite } from "../testing/skip.ts";
import { crop } from "./crop.ts";
import type { Frame } from "./frame.ts";
import { readJpeg } from "./jpeg.ts";
import { encodeJpeg } from "./jpeg_encoder.ts";
import { planesOfFrame, planesOfPicture } from "./jpeg_planes.ts";
import { decodePng } from "./png.ts";

const portrait = decodePng(await Deno.readFile(asset("lib/camera/sample/astronaut.png")));
const signal = new AbortController().signal;

/** Peak signal-to-noise ratio of two planes, decibels. */
function psnr(some: Uint8Array, other: Uint8Array): number {
  assert.equal(some.length, other.length);
  const squares = some.reduce((sum, value, at) => sum + (value - other[at]) ** 2, 0);
  return 10 * Math.log10(255 ** 2 * some.length / squares);
}

async function decoded(jpeg: Uint8Array<ArrayBuffer>) {
  const frame = await decodePicture("x.jpg", jpeg, { signal });
  const { width, height } = frame;
  return planesOfPicture(crop(frame, { x: 0, y: 0, width, height }));
}

Deno.test({
  name: "a decoder gets the picture back, of odd sizes and of one pixel too",
  ...inFullSuite(),
  fn: async () => {
    const all = {
      ...portrait,
      pixels: { kind: "rgb24" as const, rgb: portrait.rgb },
      capturedMs: 0,
      sourceTimeMs: 0,
    };
    for (const [width, height] of [[512, 512], [333, 97], [17, 16], [1, 1]]) {
      const planes = planesOfPicture(crop(all, { x: 100, y: 50, width: Math.min(width, 412), height }));
      const jpeg = encodeJpeg(planes, 90);
      assert.deepEqual(readJpeg(jpeg), { width: planes.width, height: planes.height });
      const { y, u, v } = await decoded(jpeg);
      assert.ok(psnr(y, planes.y) > 38, `${width}x${height}: ${psnr(y, planes.y)} dB`);
      for (const [some, other] of [[u, planes.u], [v, planes.v]]) {
        assert.ok(psnr(some, other) > 33, `${width}x${height}`);
      }
    }
  },
});

Deno.test("a lower quality makes a smaller file", () => {
  const planes = planesOfPicture(portrait);
  const [low, middle, high] = [10, 50, 95].map((quality) => encodeJpeg(planes, quality).length);
  assert.ok(low < middle / 2 && middle < high / 2, `${low} ${middle} ${high}`);
});

Deno.test("planesOfFrame() divides by a whole number, and stretches the range of video", () => {
  const pixel = (y: number, u: number, v: number): Frame => ({
    width: 4,
    height: 2,
    pixels: {
      kind: "yuv420",
      fullRange: false,
      y: new Uint8Array(8).fill(y),
      u: new Uint8Array(2).fill(u),
      v: new Uint8Array(2).fill(v),
    },
    capturedMs: 0,
    sourceTimeMs: 0,
  });
  const white = planesOfFrame(pixel(235, 128, 128), 2);
  assert.deepEqual([white.width, white.height, ...white.y, ...white.u], [2, 1, 255, 255, 128]);
  const black = planesOfFrame(pixel(16, 16, 240), 4);
  assert.deepEqual([black.width, black.y[0], black.u[0], black.v[0]], [4, 0, 1, 255]);
  const blue: Frame = {
    ...pixel(0, 0, 0),
    pixels: { kind: "rgb24", rgb: new Uint8Array(24).map((_, at) => at % 3 === 2 ? 255 : 0) },
  };
  assert.deepEqual([planesOfFrame(blue, 4).y[0], planesOfFrame(blue, 4).u[0]], [29, 255]);
});
