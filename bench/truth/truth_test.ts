/** Known visits: interpolation, overlap, and the consistency of the files. */
import assert from "node:assert/strict";
import { type ClipTruth, faceAt, MIN_FACE_PX, readTruths, visitAt } from "./truth.ts";

const WALK: ClipTruth = {
  clip: "walk.mp4",
  sha256: "",
  width: 640,
  height: 480,
  framesPerSecond: 10,
  frames: 40,
  visits: [
    {
      who: "a",
      from: 10,
      to: 30,
      boxes: [[10, 100, 50, 40, 60], [20, 200, 50, 60, 80], [30, 200, 50, 60, 80]],
    },
    { who: "b", from: 20, to: 20, boxes: [[20, 400, 50, 40, 60]] },
  ],
};

Deno.test("faceAt() interpolates between the known frames, and is undefined outside the visit", () => {
  const [a, b] = WALK.visits;
  assert.deepEqual(faceAt(a, 10), { x: 100, y: 50, width: 40, height: 60 });
  assert.deepEqual(faceAt(a, 15), { x: 150, y: 50, width: 50, height: 70 });
  assert.deepEqual(faceAt(a, 30), { x: 200, y: 50, width: 60, height: 80 });
  assert.deepEqual(faceAt(b, 20), { x: 400, y: 50, width: 40, height: 60 });
  for (const frame of [0, 9, 31]) assert.equal(faceAt(a, frame), undefined, `${frame}`);
});

Deno.test("visitAt() returns the visit whose face the box covers", () => {
  const at = (frame: number, x: number) => visitAt(WALK, frame, { x, y: 50, width: 50, height: 70 })?.who;
  assert.deepEqual([at(15, 155), at(20, 395), at(20, 205)], ["a", "b", "a"]);
  assert.deepEqual([at(15, 300), at(21, 395), at(5, 100), at(15, 190)], [
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

for (const { clip, width, height, frames, visits, minFacePx = MIN_FACE_PX, passedOver } of readTruths()) {
  Deno.test(`the visits in ${clip} are consistent: frames in order from first to last, boxes inside the frame`, () => {
    for (const { who, from, to, boxes } of visits) {
      const looked = boxes.map(([frame]) => frame);
      assert.deepEqual(looked, [...new Set(looked)].sort((a, b) => a - b), who);
      assert.deepEqual([looked[0], looked.at(-1)], [from, to], who);
      assert.ok(from >= 0 && to < frames, who);
      for (const [frame, x, y, w, h] of boxes) {
        const isInside = x >= 0 && y >= 0 && x + w <= width && y + h <= height;
        assert.ok(isInside && w >= minFacePx, `${who}, frame ${frame}`);
      }
    }
    for (const { who, boxes = [] } of passedOver ?? []) {
      for (const [frame] of boxes) {
        assert.ok(frame < frames && faceAt({ boxes }, frame), `${who}, frame ${frame}`);
      }
    }
  });
}
