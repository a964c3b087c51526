/** Where a face of the sub stream is in the main stream. */
import assert from "node:assert/strict";
import { framePainted } from "../testing/people.ts";
import { looksIn } from "./looks.ts";
import { bestMatch, placeIn, regionAround, viewsOf } from "./two_views.ts";

const FULL_HD = { width: 1920, height: 1080 };

Deno.test("streams of the same shape have one view, also where an encoder rounded a size", () => {
  assert.deepEqual(viewsOf({ width: 640, height: 360 }, FULL_HD), ["whole"]);
  assert.deepEqual(viewsOf({ width: 640, height: 368 }, { width: 1920, height: 1088 }), ["whole"]);
  assert.deepEqual(viewsOf({ width: 640, height: 480 }, FULL_HD), ["whole", "cropped"]);
  assert.deepEqual(viewsOf({ width: 704, height: 576 }, FULL_HD), ["whole", "cropped"]);
  assert.deepEqual(viewsOf({ width: 640, height: 360 }, { width: 2592, height: 1944 }), ["whole", "cropped"]);
});

Deno.test("a squeezed picture is stretched in each direction by its own factor", () => {
  const box = { x: 352, y: 288, width: 70.4, height: 57.6 };
  assert.deepEqual(placeIn("whole", box, { width: 704, height: 576 }, FULL_HD), {
    x: 960,
    y: 540,
    width: 192,
    height: 108,
  });
});

Deno.test("a cropped picture is the centre of the whole one, at one scale", () => {
  const box = { x: 0, y: 0, width: 40, height: 40 };
  const from = { width: 640, height: 480 };
  assert.deepEqual(placeIn("cropped", box, from, FULL_HD), { x: 240, y: 0, width: 90, height: 90 });
  const low = { width: 640, height: 360 };
  assert.deepEqual(placeIn("cropped", box, low, { width: 1280, height: 960 }), {
    x: 0,
    y: 120,
    width: 80,
    height: 80,
  });
});

Deno.test("the region grows with the time between the pictures, and stays in the frame", () => {
  const place = { x: 900, y: 500, width: 100, height: 100 };
  assert.deepEqual(regionAround(place, 0, FULL_HD), { x: 750, y: 350, width: 400, height: 400 });
  assert.deepEqual(regionAround(place, -100, FULL_HD), { x: 690, y: 290, width: 520, height: 520 });
  assert.deepEqual(regionAround(place, 5_000, FULL_HD), { x: 500, y: 100, width: 900, height: 900 });
  const corner = regionAround({ x: 1850, y: -10, width: 100, height: 100 }, 0, FULL_HD);
  assert.deepEqual(corner, { x: 1700, y: 0, width: 220, height: 240 });
  assert.equal(regionAround({ x: 3000, y: 0, width: 100, height: 100 }, 0, FULL_HD), undefined);
});

const IN_RED = { hair: [60, 40, 30], skin: [200, 160, 140], clothes: [180, 30, 30] } as const;
const IN_BLUE = { hair: [190, 160, 90], skin: [210, 170, 150], clothes: [30, 50, 160] } as const;

Deno.test("of several detections the one of the same looks is taken, and none of other looks", () => {
  const [left, right] = [30, 160].map((x) => ({ x, y: 60, width: 50, height: 50 }));
  const frame = framePainted([{ ...IN_RED, face: left }, { ...IN_BLUE, face: right }]);
  const looksOf = looksIn(frame);
  const find = (found: (typeof left)[]) =>
    bestMatch(found, { place: { ...right, x: 120 }, apartMs: 0, looks: looksOf(right), looksOf });
  assert.equal(find([left, right]), right);
  assert.equal(find([left]), undefined);
});

Deno.test("a detection that is too far away, too large or too small is not taken", () => {
  const face = { x: 130, y: 80, width: 50, height: 50 };
  const looksOf = looksIn(framePainted([{ ...IN_RED, face }]));
  const find = (place: typeof face, apartMs = 0) =>
    bestMatch([face], { place, apartMs, looks: looksOf(face), looksOf });
  assert.equal(find({ ...face, x: 190 }), face);
  assert.equal(find({ ...face, x: 210 }), undefined);
  assert.equal(find({ ...face, x: 210 }, 100), face);
  assert.equal(find({ ...face, width: 85, height: 85 }), undefined);
  assert.equal(find({ ...face, width: 30, height: 30 }), undefined);
});
