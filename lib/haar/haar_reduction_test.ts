/** A search of a smaller frame has the windows of a search of the whole picture. */
import assert from "node:assert/strict";
import { liesIn } from "../image/boxes.ts";
import type { Box } from "../image/frame.ts";
import { ROOT } from "../testing/files.ts";
import { readPlane, scaled } from "../testing/planes.ts";
import { HaarDetector } from "./haar_detector.ts";
import type { Detection } from "./opencv/grouping.ts";
import { levelsOf } from "./opencv/pyramid.ts";
import { shippedCascade } from "./shipped_cascade.ts";

const WINDOW = { width: 24, height: 24 };
const CASCADE = shippedCascade("haarcascade_frontalface_default.xml", "compiled");
const settings = (scaleFactor: number, minSize: number, maxSize = 0) => ({
  ...{ scaleFactor, minSize, maxSize, minNeighbors: 5 },
});

for (const [reduction, smallest] of [[2, 48], [4, 96]] as const) {
  Deno.test(`a frame of 1/${reduction} has the levels of the whole picture, and as many windows`, () => {
    for (const scaleFactor of [1.1, 1.3]) {
      for (const [minSize, maxSize] of [[smallest, 0], [150, 400], [300, 301]]) {
        const used = settings(scaleFactor, minSize, maxSize);
        const whole = levelsOf({ width: 1920, height: 1080 }, WINDOW, used);
        const frame = { width: 1920 / reduction, height: 1080 / reduction };
        const small = levelsOf(frame, WINDOW, { ...used, reduction });
        assert.ok(whole.length > 0);
        assert.deepEqual(
          small.map(({ scale, ...level }) => ({ scale: Math.fround(reduction * scale), ...level })),
          whole,
        );
      }
    }
  });
}

Deno.test("windows that are smaller than the cascade's are left out", () => {
  const all = levelsOf({ width: 160, height: 120 }, WINDOW, { ...settings(1.1, 0), reduction: 4 });
  assert.ok(all.length > 0 && all.every(({ scale }) => scale >= 1));
});

Deno.test("where no level has a window between the limits, the nearest one is searched, or the cascade's own", () => {
  const windows = (frame: typeof WINDOW, ...[scaleFactor, minSize, maxSize]: Parameters<typeof settings>) =>
    levelsOf(frame, WINDOW, { ...settings(scaleFactor, minSize, maxSize), reduction: 4 })
      .map(({ scale }) => Math.round(4 * 24 * scale));
  assert.deepEqual(windows({ width: 480, height: 270 }, 1.3, 1000), [945]);
  // The levels of the whole picture have windows of 89 and 116 pixels.
  assert.deepEqual(windows({ width: 480, height: 270 }, 1.3, 96, 110), [96]);
  // Its largest window has 89 pixels, which is less than the cascade's in a quarter.
  assert.deepEqual(windows({ width: 32, height: 24 }, 1.3, 96), [96]);
});

Deno.test("a smaller frame has the small faces of the whole picture, with the defaults", async () => {
  const plane = await readPlane(`${ROOT}/lib/camera/sample/astronaut.png`);
  // The face has 97 of the portrait's 512 pixels.
  for (const [reduction, facePx] of [[2, 56], [2, 70], [2, 90], [4, 120]] as const) {
    const side = Math.round(512 * facePx / 97 / reduction);
    const used = settings(1.3, 24 * reduction);
    const whole = new HaarDetector(CASCADE, used).detect(scaled(plane, reduction * side, reduction * side));
    const small = new HaarDetector(CASCADE, { ...used, reduction }).detect(scaled(plane, side, side));
    assert.deepEqual([whole.length, small.length], [1, 1], `${facePx} pixels at 1/${reduction}`);
  }
});

Deno.test("a smaller frame has the face of the whole picture", async () => {
  const plane = await readPlane(`${ROOT}/lib/camera/sample/astronaut.png`);
  const surest = (faces: Detection[]) => faces.toSorted((a, b) => b.neighbors - a.neighbors)[0];
  for (const reduction of [2, 4] as const) {
    const whole = scaled(plane, reduction * plane.width, reduction * plane.height);
    const used = settings(1.1, 24 * reduction);
    const expected = surest(new HaarDetector(CASCADE, used).detect(whole));
    const found = surest(new HaarDetector(CASCADE, { ...used, reduction }).detect(plane));
    for (const side of ["x", "y", "width", "height"] as const) {
      const difference = Math.abs(found[side] - expected[side] / reduction);
      assert.ok(difference < found.width / 10, `${side} at 1/${reduction}: ${difference} px`);
    }
  }
});

// With this factor a half has levels at the scales that the frame itself has from 48 pixels on, where windows are one
// pixel apart: its second pass searches the same windows.
const SAME_LEVELS = [
  { ...settings(Math.SQRT2, 96), minNeighbors: 2, reduction: 2 },
  { ...settings(Math.SQRT2, 48), minNeighbors: 2 },
] as const;
const text = (found: readonly Box[]) => found.map(({ x, y, width }) => `${x},${y},${width}`);

Deno.test("two passes find windows of one pass only, most of them, and its faces", async () => {
  const plane = await readPlane(`${ROOT}/lib/camera/sample/astronaut.png`);
  const [two, one] = SAME_LEVELS.map((used) => new HaarDetector(CASCADE, used));
  let [total, hits, expected] = [0, 0, 0];
  for (const side of [413, 512, 600, 700, 850]) {
    const frame = scaled(plane, side, side);
    const all = new Set(text(one.candidates(frame)));
    const found = text(two.candidates(frame));
    assert.ok(found.every((window) => all.has(window)), `${side}: a window that one pass does not have`);
    assert.equal(new Set(found).size, found.length, `${side}: a window twice`);
    const faces = two.detect(frame);
    assert.deepEqual(text(faces), text(one.detect(frame)));
    total += faces.length;
    hits += found.length;
    expected += all.size;
  }
  assert.ok(total >= 3);
  assert.ok(hits >= 0.8 * expected, `${hits} of ${expected} windows`);
});

Deno.test("two passes over levels in several threads, and over a region, find the windows of one search", async () => {
  const plane = await readPlane(`${ROOT}/lib/camera/sample/astronaut.png`);
  const [used] = SAME_LEVELS;
  const threads = [new HaarDetector(CASCADE, used), new HaarDetector(CASCADE, used)];
  const [levels] = threads.map((thread) => thread.load(plane));
  const split = Array.from({ length: levels }, (_, level) => threads[level % 2].searchLevel(level)).flat();
  const expected = new HaarDetector(CASCADE, used).candidates(plane);
  assert.ok(expected.length > 0);
  assert.deepEqual(text(split), text(expected));
  const region = { x: 140, y: 30, width: 200, height: 190 };
  const inside = expected.filter((window) => liesIn(window, region));
  assert.ok(inside.length > 0);
  assert.deepEqual(
    text(new HaarDetector(CASCADE, used).candidates(plane, region)).sort(),
    text(inside).sort(),
  );
});
