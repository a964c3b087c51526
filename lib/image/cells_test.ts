/** Mean colours of cells. */
import assert from "node:assert/strict";
import { cellBrightness, cellColours, insideFrame, meanColour } from "./cells.ts";
import { crop } from "./crop.ts";
import type { Frame, YuvMatrix } from "./frame.ts";

const [WIDTH, HEIGHT] = [64, 48];
const about = { capturedMs: 0, sourceTimeMs: 0, width: WIDTH, height: HEIGHT };

/** A frame with one colour in its left half and another in its right half. */
function yuvFrame(fullRange: boolean, matrix?: YuvMatrix): Frame {
  const plane = (width: number, height: number, left: number, right: number) =>
    Uint8Array.from({ length: width * height }, (_, at) => at % width < width / 2 ? left : right);
  const [halfWidth, halfHeight] = [WIDTH / 2, HEIGHT / 2];
  return {
    ...about,
    pixels: {
      kind: "yuv420",
      y: plane(WIDTH, HEIGHT, 90, 150),
      u: plane(halfWidth, halfHeight, 120, 140),
      v: plane(halfWidth, halfHeight, 150, 110),
      fullRange,
      matrix,
    },
  };
}

const rounded = (values: Float32Array) => Array.from(values, Math.round);
const close = (values: Float32Array, expected: readonly number[]) =>
  values.forEach((value, at) =>
    assert.ok(Math.abs(value - expected[at]) < 1.5, `${value}, not ${expected[at]}`)
  );

for (const matrix of ["bt601", "bt709", "bt2020"] as const) {
  for (const fullRange of [true, false]) {
    Deno.test(`cellColours() gives the colours of crop(): ${matrix}, ${fullRange ? "full" : "limited"} range`, () => {
      const frame = yuvFrame(fullRange, matrix);
      const { rgb } = crop(frame, { x: 31, y: 0, width: 2, height: 1 });
      close(cellColours(frame, { x: 8, y: 8, width: 48, height: 32 }, 2, 1), Array.from(rgb));
    });
  }
}

Deno.test("cellColours() of RGB are the means of its pixels", () => {
  const rgb = Uint8Array.from({ length: WIDTH * HEIGHT * 3 }, (_, at) => at % 3 * 50 + (at % 6 < 3 ? 0 : 10));
  const frame: Frame = { ...about, pixels: { kind: "rgb24", rgb } };
  assert.deepEqual(rounded(cellColours(frame, { x: 0, y: 0, width: 4, height: 4 }, 2, 1)), [
    5,
    55,
    105,
    5,
    55,
    105,
  ]);
});

Deno.test("cells outside the frame are left out, and of those across its edge the part inside counts", () => {
  const frame = yuvFrame(true);
  const colours = (x: number, columns: number) =>
    cellColours(frame, { x, y: 10, width: 32, height: 8 }, columns, 1).length / 3;
  assert.equal(colours(16, 4), 4);
  assert.equal(colours(-16, 4), 2);
  assert.equal(colours(-12, 4), 3);
  assert.equal(colours(WIDTH, 4), 0);
  const [red] = cellColours(frame, { x: 60, y: 10, width: 100, height: 8 }, 1, 1);
  assert.equal(Math.round(red), Math.round(150 + 1.402 * (110 - 128)));
});

Deno.test("a region smaller than its cells has the pixels below them", () => {
  assert.equal(
    cellColours(yuvFrame(true), { x: 20.4, y: 10.7, width: 3, height: 2 }, 16, 16).length,
    16 * 16 * 3,
  );
});

Deno.test("meanColour() is the mean of the whole frame", () => {
  const frame = yuvFrame(true);
  const [left, right] = [0, WIDTH / 2].map((x) =>
    cellColours(frame, { x, y: 0, width: WIDTH / 2, height: HEIGHT }, 1, 1)
  );
  close(meanColour(frame), Array.from(left, (value, at) => (value + right[at]) / 2));
});

Deno.test("cellBrightness() gives the luma", () => {
  assert.deepEqual(
    rounded(cellBrightness(yuvFrame(false), { x: 0, y: 0, width: WIDTH, height: HEIGHT }, 2, 1)),
    [90, 150],
  );
});

Deno.test("insideFrame() clips a box, and keeps a pixel of one outside", () => {
  const inside = (x: number, y: number) => insideFrame({ x, y, width: 10.4, height: 10 }, yuvFrame(true));
  assert.deepEqual(inside(-4, 42), { x: 0, y: 42, width: 6, height: 6 });
  assert.deepEqual(inside(WIDTH + 9, -30), { x: WIDTH - 1, y: 0, width: 1, height: 1 });
});
