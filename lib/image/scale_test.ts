/** Pictures scaled down. */
import assert from "node:assert/strict";
import type { Picture } from "./crop.ts";
import { scaleDown } from "./scale.ts";

const picture = (
  width: number,
  height: number,
  at: (x: number, y: number) => [number, number, number],
): Picture => {
  const pixels = Array.from(
    { length: width * height },
    (_, index) => at(index % width, Math.floor(index / width)),
  );
  return { width, height, rgb: Uint8Array.from(pixels.flat()) };
};

Deno.test("each pixel is the average of the pixels that it covers, in whole and in part, in both directions", () => {
  const rows = picture(3, 2, (x, y) => [x * 60, y * 100, 7]);
  assert.deepEqual(scaleDown(rows, { width: 1, height: 1 }), picture(1, 1, () => [60, 50, 7]));
  // 1.5 pixels each: (0 + 60 / 2) / 1.5 and (60 / 2 + 120) / 1.5.
  assert.deepEqual(
    scaleDown(rows, { width: 2, height: 2 }),
    picture(2, 2, (x, y) => [x ? 100 : 20, y * 100, 7]),
  );
  const columns = picture(2, 3, (x, y) => [y * 60, x * 100, 7]);
  assert.deepEqual(
    scaleDown(columns, { width: 2, height: 2 }),
    picture(2, 2, (x, y) => [y ? 100 : 20, x * 100, 7]),
  );
});

Deno.test("scaling to the same size changes nothing, and a single colour stays the same at every size", () => {
  const noise = picture(31, 17, (x, y) => [x * 8, y * 15, (x * y) % 256]);
  assert.deepEqual(scaleDown(noise, noise), noise);
  for (let side = 1; side <= 29; side++) {
    const plain = scaleDown(picture(29, 29, () => [255, 0, 201]), { width: side, height: 30 - side });
    assert.deepEqual(plain, picture(side, 30 - side, () => [255, 0, 201]));
  }
});
