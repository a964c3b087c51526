/** The quality of a picture of a face. */
import assert from "node:assert/strict";
import { crop, type Picture, withMargin } from "./crop.ts";
import type { Box } from "./frame.ts";
import type { Landmarks } from "./landmarks.ts";
import { decodePng } from "./png.ts";
import { qualityOf } from "./quality.ts";

const MARGIN = 0.2;
const portrait = decodePng(await Deno.readFile(new URL("../camera/sample/astronaut.png", import.meta.url)));
const FACE: Box = { x: 176, y: 66, width: 95, height: 95 };

/** Its landmarks by YuNet. */
const LANDMARKS = [[200.1, 101.8], [247.1, 102.6], [220.4, 124.5], [198.6, 142.8], [239.7, 143.6]]
  .map(([x, y]) => ({ x, y }));

/** The quality of a face in the portrait after `change` was applied to its crop. */
function quality(change: (picture: Picture) => void = () => {}, box = FACE, landmarks?: Landmarks) {
  const cut = withMargin(box, MARGIN, portrait);
  const frame = {
    ...portrait,
    pixels: { kind: "rgb24", rgb: portrait.rgb },
    capturedMs: 0,
    sourceTimeMs: 0,
  } as const;
  const picture = crop(frame, cut);
  change(picture);
  return qualityOf(picture, box, cut, MARGIN, landmarks);
}

/** A box blur of 5x5 pixels. */
function blur({ width, height, rgb }: Picture): void {
  const sharp = rgb.slice();
  for (let y = 2; y < height - 2; y++) {
    for (let x = 2; x < width - 2; x++) {
      for (let colour = 0; colour < 3; colour++) {
        let sum = 0;
        for (let dy = -2; dy <= 2; dy++) {
          for (let dx = -2; dx <= 2; dx++) sum += sharp[((y + dy) * width + x + dx) * 3 + colour];
        }
        rgb[(y * width + x) * 3 + colour] = sum / 25;
      }
    }
  }
}

const scale = (factor: number, offset: number) => ({ rgb }: Picture) =>
  rgb.forEach((value, index) => rgb[index] = Math.max(0, Math.min(255, value * factor + offset)));

Deno.test("a good picture of a face scores higher than the same one blurred, dark or burnt out", () => {
  const good = quality();
  assert.ok(good.score > 0.4 && good.score <= 1, JSON.stringify(good));
  assert.ok(quality(blur).sharpness < good.sharpness / 2);
  for (const worse of [blur, scale(0.2, 0), scale(1, 150)]) {
    assert.ok(quality(worse).score < good.score * 0.9);
  }
});

Deno.test("sharpness does not depend on contrast", () => {
  const [flat, good] = [quality(scale(0.5, 60)), quality()];
  assert.ok(Math.abs(flat.sharpness - good.sharpness) < 0.1, `${flat.sharpness} ${good.sharpness}`);
});

Deno.test("a face at the frame's edge is not whole", () => {
  assert.equal(quality().whole, 1);
  assert.equal(quality(() => {}, { ...FACE, y: 5 }).whole, 0.5);
});

Deno.test("a symmetric face is frontal, half a face is not", () => {
  const mirrored = ({ width, height, rgb }: Picture) => {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width >> 1; x++) {
        const [left, right] = [(y * width + x) * 3, (y * width + width - 1 - x) * 3];
        rgb.copyWithin(right, left, left + 3);
      }
    }
  };
  assert.ok(quality(mirrored).frontal > 0.95);
  assert.ok(quality(() => {}, { ...FACE, x: FACE.x + 45 }).frontal < quality().frontal);
});

Deno.test("with landmarks a frontal face scores above a turned one, whatever light the picture shows", () => {
  const lightFromASide = ({ width, rgb }: Picture) =>
    rgb.forEach((value, index) => rgb[index] = value * (index / 3 % width) / width);
  const profile = LANDMARKS.map(({ x, y }, index) => ({ x: index === 2 ? 190 : x, y }));
  for (const change of [() => {}, lightFromASide]) {
    const frontal = quality(change, FACE, LANDMARKS);
    const turned = quality(change, FACE, profile);
    assert.ok(frontal.score > turned.score * 1.15, `${frontal.score} ${turned.score}`);
    assert.equal(frontal.frontal, quality(() => {}, FACE, LANDMARKS).frontal);
    assert.deepEqual({ ...frontal, frontal: 0, score: 0 }, { ...quality(change), frontal: 0, score: 0 });
  }
});

Deno.test("a black picture scores close to 0, without a division by zero", () => {
  const { score } = quality(({ rgb }) => rgb.fill(0));
  assert.ok(score >= 0 && score < 0.1, `${score}`);
});

Deno.test("the size of a face counts in the camera's picture, of which the frame may be a smaller copy", () => {
  const box = withMargin(FACE, 0, portrait);
  const picture = crop({
    ...portrait,
    pixels: { kind: "rgb24", rgb: portrait.rgb },
    capturedMs: 0,
    sourceTimeMs: 0,
  }, box);
  const sizes = ([1, 2, 4] as const).map((reduction) =>
    qualityOf(picture, box, box, 0, undefined, reduction).size
  );
  assert.deepEqual(sizes, [95 / 160, 1, 1]);
});
