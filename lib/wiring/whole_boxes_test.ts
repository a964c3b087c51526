/** Boxes of smaller frames, in pixels of the camera's picture. */
import assert from "node:assert/strict";
import type { Frame } from "../image/frame.ts";
import { inFrame, inWhole, resultInWhole } from "./whole_boxes.ts";

const SMALL: Frame = {
  width: 160,
  height: 120,
  pixels: { kind: "rgb24", rgb: new Uint8Array(160 * 120 * 3) },
  capturedMs: 0,
  sourceTimeMs: 0,
  whole: { width: 637, height: 477, reduction: 4, decode: () => Promise.resolve(undefined) },
};
const BOX = { x: 10, y: 20, width: 30, height: 30 };
const LARGE = { x: 40, y: 80, width: 120, height: 120 };

Deno.test("a box of a smaller frame is in pixels of the picture, and back again", () => {
  assert.deepEqual(inWhole(BOX, SMALL), LARGE);
  assert.deepEqual(inFrame(LARGE, SMALL), BOX);
  const corner = { x: 150, y: 110, width: 10, height: 10 };
  assert.deepEqual(inWhole(corner, SMALL), { x: 600, y: 440, width: 37, height: 37 });
  assert.deepEqual(inFrame(inWhole(corner, SMALL), SMALL), corner);
  const turned = { ...SMALL, whole: { ...SMALL.whole!, origin: { x: -3, y: -3 } } };
  assert.deepEqual(inWhole(BOX, turned), { ...LARGE, x: 37, y: 77 });
  for (const box of [BOX, corner, { ...corner, x: 0, y: 0 }]) {
    assert.deepEqual(inFrame(inWhole(box, turned), turned), box);
  }
  const frame = { ...SMALL, whole: undefined };
  assert.deepEqual([inWhole(BOX, frame), inFrame(BOX, frame)], [BOX, BOX]);
});

Deno.test("everything that was found and searched is in pixels of the picture", () => {
  const found = { frame: SMALL, searched: "part", isQuiet: false, searchMs: 3 } as const;
  const result = {
    ...found,
    boxes: [BOX],
    detections: [BOX],
    filtered: [{ box: BOX, reason: "ignored" }],
    area: [BOX],
  } as const;
  assert.deepEqual(resultInWhole(result), {
    searched: "part",
    isQuiet: false,
    searchMs: 3,
    boxes: [LARGE],
    detections: [LARGE],
    filtered: [{ box: LARGE, reason: "ignored" }],
    area: [LARGE],
  });
  assert.equal(resultInWhole({ ...result, area: "all" }).area, "all");
});
