/** The quality of a picture of a face. */
import assert from "node:assert/strict";
import { crop, type Picture, withMargin } from "./crop.ts";
import type { Box, Reduction } from "./frame.ts";
import type { Landmarks } from "./landmarks.ts";
import { decodePng } from "./png.ts";
import { qualityOf } from "./quality.ts";

const MARGIN = 0.2;
const portrait = decodePng(await Deno.readFile(new URL("../camera/sample/astronaut.png", import.meta.url)));
const FACE: Box = { x: 176, y: 66, width: 95, height: 95 };

/** Its landmarks by YuNet. */
const LANDMARKS = [[200.1, 101.8], [247.1, 102.6], [220.4, 124.5], [198.6, 142.8], [239.7, 143.6]]
  .map(([x, y]) => ({ x, y }));

/** The portrait as a frame. */
function frameOf(rgb = portrait.rgb) {
  return { ...portrait, pixels: { kind: "rgb24", rgb }, capturedMs: 0, sourceTimeMs: 0 } as const;
}

/** The quality of a face in the portrait after `change` was applied to its surroundings. */
function quality(change: (picture: Picture) => void = () => {}, box = FACE, landmarks?: Landmarks) {
  const frame = frameOf(portrait.rgb.slice());
  const around = withMargin(box, MARGIN, portrait);
  const picture = crop(frame, around);
  change(picture);
  for (let row = 0; row < around.height; row++) {
    const to = ((around.y + row) * frame.width + around.x) * 3;
    frame.pixels.rgb.set(picture.rgb.subarray(row * around.width * 3, (row + 1) * around.width * 3), to);
  }
  return qualityOf(frame, box, MARGIN, landmarks);
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
  const whole = (reduction: Reduction) => ({
    ...portrait,
    reduction,
    decode: () => Promise.resolve(undefined),
  });
  const sizes = ([1, 2, 4] as const).map((reduction) =>
    qualityOf({ ...frameOf(), whole: whole(reduction) }, FACE, 0).size
  );
  assert.deepEqual(sizes, [95 / 160, 1, 1]);
});

Deno.test("a frame of a camera has the quality of the same picture in colours", () => {
  const { width, height } = portrait;
  const planes = (scale: number, offset: number) => ({
    y: Uint8Array.from({ length: width * height }, (_, at) => {
      const [red, green, blue] = portrait.rgb.subarray(3 * at, 3 * at + 3);
      return offset + scale * ((77 * red + 150 * green + 29 * blue) >> 8);
    }),
    u: new Uint8Array(width * height / 4),
    v: new Uint8Array(width * height / 4),
  });
  const expected = quality();
  for (const fullRange of [true, false]) {
    const pixels = {
      kind: "yuv420",
      ...fullRange ? planes(1, 0) : planes(219 / 255, 16.5),
      fullRange,
    } as const;
    const found = qualityOf({ ...frameOf(), pixels }, FACE, MARGIN);
    for (const part of ["sharpness", "exposure", "frontal", "score"] as const) {
      assert.ok(Math.abs(found[part] - expected[part]) < 0.02, `${part}: ${found[part]}, ${expected[part]}`);
    }
  }
});
