/** Tiles in the kernel's memory are those that plain TypeScript cuts and halves. */
import assert from "node:assert/strict";
import type { SearchPlane, Size } from "../image/frame.ts";
import { randomNumbers } from "../testing/planes.ts";
import { assertEqualBytes } from "../testing/equal_bytes.ts";
import { loadKernel } from "./kernel_module.ts";
import { loadTile, sizeOf } from "./load_frame.ts";
import { loadInto, planNetwork } from "./plan.ts";
import type { Tile } from "./tiles.ts";
import { loadWeights } from "./weights.ts";
import { YuNetDetector } from "./yunet_detector.ts";
import { asPlanes, scaledPicture } from "./expected/picture.ts";

interface Pixels extends Size {
  readonly data: Uint8Array;
}

function cut({ data, width }: Pixels, x: number, y: number, size: Size): Pixels {
  const at = (n: number) => (y + Math.floor(n / size.width)) * width + x + n % size.width;
  return { ...size, data: Uint8Array.from({ length: size.width * size.height }, (_, n) => data[at(n)]) };
}

/** Means of 2x2 pixels. The last row and column of an odd size count twice. */
function halved({ data, width, height }: Pixels): Pixels {
  const half = { width: Math.ceil(width / 2), height: Math.ceil(height / 2) };
  const at = (x: number, y: number) => data[Math.min(y, height - 1) * width + Math.min(x, width - 1)];
  const mean = (x: number, y: number) => (at(x, y) + at(x + 1, y) + at(x, y + 1) + at(x + 1, y + 1) + 2) >> 2;
  const pixel = (_: unknown, n: number) => mean(2 * (n % half.width), 2 * Math.floor(n / half.width));
  return { ...half, data: Uint8Array.from({ length: half.width * half.height }, pixel) };
}

function randomPlane(width: number, height: number): SearchPlane {
  const random = randomNumbers(width);
  const plane = (length: number) => Uint8Array.from({ length }, () => Math.floor(random() * 256));
  const half = Math.ceil(width / 2) * Math.ceil(height / 2);
  return { width, height, gray: plane(width * height), chroma: { u: plane(half), v: plane(half) } };
}

const kernel = loadKernel();
const weights = loadInto(kernel, loadWeights());

for (
  const [tile, size] of [
    [{ x: 0, y: 0, width: 131, height: 97, halvings: 0 }, { width: 131, height: 97 }],
    [{ x: 22, y: 14, width: 64, height: 51, halvings: 0 }, { width: 131, height: 97 }],
    [{ x: 0, y: 0, width: 131, height: 97, halvings: 1 }, { width: 131, height: 97 }],
    [{ x: 20, y: 2, width: 101, height: 95, halvings: 2 }, { width: 131, height: 97 }],
    [{ x: 6, y: 6, width: 123, height: 66, halvings: 3 }, { width: 130, height: 90 }],
    [{ x: 0, y: 0, width: 3, height: 1, halvings: 2 }, { width: 3, height: 1 }],
  ] satisfies [Tile, Size][]
) {
  Deno.test(`the kernel cuts and halves ${JSON.stringify(tile)}`, () => {
    const frame = randomPlane(size.width, size.height);
    const plan = planNetwork(kernel, weights, { matrix: "bt601" }, sizeOf(tile), tile.halvings);
    loadTile(kernel, plan, frame, tile);
    const halfOf = ({ width, height }: Size) => ({
      width: Math.ceil(width / 2),
      height: Math.ceil(height / 2),
    });
    const expected = [frame.gray, frame.chroma!.u, frame.chroma!.v].map((data, nth) => {
      const whole = { data, ...nth === 0 ? size : halfOf(size) };
      const scale = nth === 0 ? 1 : 2;
      let pixels = cut(whole, tile.x / scale, tile.y / scale, nth === 0 ? tile : halfOf(tile));
      for (let time = 0; time < tile.halvings; time++) pixels = halved(pixels);
      return pixels.data;
    });
    plan.planes.forEach((plane, nth) => assertEqualBytes(plane, expected[nth]));
  });
}

Deno.test("faces of a tile are in pixels of the frame", () => {
  const detector = new YuNetDetector({ minScore: 0.7 });
  const frame = asPlanes(scaledPicture(640, 480));
  const [whole] = detector.detect(frame);
  for (const halvings of [0, 1]) {
    const [face, ...others] = detector.detect(frame, { x: 96, y: 16, width: 416, height: 320, halvings });
    assert.deepEqual(others, []);
    const [points, expected] = [face, whole].map(({ x, y, width, height, landmarks }) => [
      x,
      y,
      x + width,
      y + height,
      ...landmarks.flatMap((point) => [point.x, point.y]),
    ]);
    points.forEach((value, at) => assert.ok(Math.abs(value - expected[at]) < 12, `${points} ${expected}`));
  }
});
