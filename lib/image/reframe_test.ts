/** Frames rotated and fitted to a size. */
import assert from "node:assert/strict";
import type { Size, YuvPixels } from "./frame.ts";
import { reframe, rotatedSize, type Rotation, yuvBytes, yuvPlanes } from "./reframe.ts";

/** A frame whose samples encode their position: 10 * row + column in luma, plus 100 and 200 in chroma. */
function frame(size: Size): Size & { pixels: YuvPixels } {
  const memory = new Uint8Array(yuvBytes(size));
  const planes = yuvPlanes(memory, size);
  const fill = (plane: Uint8Array, width: number, offset: number) =>
    plane.forEach((_, at) => plane[at] = offset + Math.floor(at / width) * 10 + at % width);
  const chromaWidth = (size.width + 1) >> 1;
  fill(planes.y, size.width, 0);
  fill(planes.u, chromaWidth, 100);
  fill(planes.v, chromaWidth, 200);
  return { ...size, pixels: { kind: "yuv420", ...planes, fullRange: true, matrix: "bt709" } };
}

function reframed(of: Size, size: Size, degrees: Rotation) {
  const memory = new Uint8Array(yuvBytes(size));
  const { width, height, pixels } = reframe(frame(of), { size, degrees, memory });
  const rows = (plane: Uint8Array, width: number) =>
    Array.from(
      { length: plane.length / width },
      (_, row) => [...plane.subarray(row * width, (row + 1) * width)],
    );
  const chromaWidth = (width + 1) >> 1;
  return {
    width,
    height,
    matrix: pixels.matrix,
    fullRange: pixels.fullRange,
    y: rows(pixels.y, width),
    u: rows(pixels.u, chromaWidth),
    v: rows(pixels.v, chromaWidth),
  };
}

Deno.test("reframe() rotates every plane clockwise", () => {
  const size = { width: 3, height: 2 };
  assert.deepEqual(reframed(size, size, 0).y, [[0, 1, 2], [10, 11, 12]]);
  const quarter = reframed(size, size, 90);
  assert.deepEqual([quarter.width, quarter.height], [2, 3]);
  assert.deepEqual(quarter.y, [[10, 0], [11, 1], [12, 2]]);
  assert.deepEqual([quarter.u, quarter.v], [[[100], [101]], [[200], [201]]]);
  assert.deepEqual([quarter.matrix, quarter.fullRange], ["bt709", true]);
  assert.deepEqual(reframed(size, size, 180).y, [[12, 11, 10], [2, 1, 0]]);
  assert.deepEqual(reframed(size, size, 180).u, [[101, 100]]);
  assert.deepEqual(reframed(size, size, 270).y, [[2, 12], [1, 11], [0, 10]]);
});

Deno.test("four quarter turns give the same frame, of any size", () => {
  for (const size of [{ width: 8, height: 6 }, { width: 5, height: 7 }, { width: 1, height: 1 }]) {
    let turned: Size & { pixels: YuvPixels } = frame(size);
    for (let turn = 0; turn < 4; turn++) {
      const { width, height } = turned;
      turned = reframe(turned, {
        size: { width, height },
        degrees: 90,
        memory: new Uint8Array(yuvBytes(size)),
      });
    }
    assert.deepEqual(turned, frame(size));
  }
});

Deno.test("reframe() crops the centre, in luma and chroma", () => {
  const middle = reframed({ width: 8, height: 6 }, { width: 4, height: 2 }, 0);
  assert.deepEqual(middle.y, [[22, 23, 24, 25], [32, 33, 34, 35]]);
  assert.deepEqual([middle.u, middle.v], [[[111, 112]], [[211, 212]]]);
  // Three pixels are cut off; the crop begins at an even pixel.
  assert.deepEqual(reframed({ width: 6, height: 2 }, { width: 3, height: 2 }, 0).y, [[0, 1, 2], [
    10,
    11,
    12,
  ]]);
  assert.deepEqual(reframed({ width: 8, height: 6 }, { width: 4, height: 2 }, 90).y, [
    [32, 22],
    [33, 23],
    [34, 24],
    [35, 25],
  ]);
});

Deno.test("rotatedSize() swaps the sides for a quarter turn", () => {
  const size = { width: 4, height: 3 };
  const sizes = ([0, 90, 180, 270] as const).map((degrees) => rotatedSize(size, degrees));
  assert.deepEqual(sizes.map(({ width }) => width), [4, 3, 4, 3]);
});
