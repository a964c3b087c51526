/** Reduced parts of planes. */
import assert from "node:assert/strict";
import type { SearchPlane } from "./frame.ts";
import { regionOf } from "./region.ts";

/** A plane whose pixel at x, y is 10 y + x, and whose chroma sample there is the same. */
const PLANE: SearchPlane = {
  width: 10,
  height: 8,
  gray: Uint8Array.from({ length: 80 }, (_, at) => at),
  limitedRange: true,
  chroma: {
    u: Uint8Array.from({ length: 20 }, (_, at) => 10 * Math.floor(at / 5) + at % 5),
    v: new Uint8Array(20).fill(7),
    matrix: "bt709",
  },
};

Deno.test("a region at full size is a copy that begins at an even pixel", () => {
  const { plane, x, y } = regionOf(PLANE, { x: 3, y: 5, width: 4, height: 3 }, 1);
  assert.deepEqual([x, y, plane.width, plane.height], [2, 4, 4, 4]);
  assert.deepEqual([...plane.gray], [42, 43, 44, 45, 52, 53, 54, 55, 62, 63, 64, 65, 72, 73, 74, 75]);
  assert.deepEqual([...plane.chroma!.u], [21, 22, 31, 32]);
  assert.equal(plane.limitedRange, true);
  assert.equal(plane.chroma!.matrix, "bt709");
});

Deno.test("each pixel of a reduced region is the mean of its square", () => {
  const { plane } = regionOf(PLANE, { x: 0, y: 0, width: 10, height: 8 }, 2);
  assert.deepEqual([plane.width, plane.height], [4, 4]);
  // 0, 1, 10, 11: 5.5, rounded up.
  assert.deepEqual([...plane.gray.subarray(0, 4)], [6, 8, 10, 12]);
  assert.deepEqual([...plane.chroma!.u], [6, 8, 26, 28]);
});

Deno.test("a plane without chroma has none afterwards", () => {
  const { chroma: _, ...gray } = PLANE;
  assert.equal(regionOf(gray, { x: 0, y: 0, width: 4, height: 4 }, 1).plane.chroma, undefined);
});
