/** Scores of found, split and merged visits. */
import assert from "node:assert/strict";
import type { SelectedFace } from "../lib/detection/face_selection.ts";
import type { ClipTruth, TrueVisit } from "./truth/truth.ts";
import { VisitScore } from "./visit_score.ts";

const stay = (who: string, x: number): TrueVisit => ({
  who,
  from: 0,
  to: 99,
  boxes: [[0, x, 50, 60, 60], [99, x, 50, 60, 60]],
});
const CLIP: ClipTruth = {
  clip: "two.mp4",
  sha256: "",
  width: 640,
  height: 480,
  framesPerSecond: 10,
  frames: 100,
  visits: [stay("a", 100), stay("b", 300)],
  passedOver: [{ ...stay("c", 500), why: "in profile" }, { who: "d", why: "from behind" }],
};

/** A face at `x`, with the number of its visit. */
const face = (x: number, number?: number): SelectedFace => ({
  picture: { width: 0, height: 0, rgb: new Uint8Array(0) },
  box: { x, y: 50, width: 60, height: 60 },
  crop: { x, y: 50, width: 60, height: 60 },
  frame: { width: 640, height: 480 },
  capturedMs: 1_000,
  score: 1,
  sharpness: 1,
  ...(number && { visit: { number, detections: 2, began: "", last: "", why: "first" } }),
});

function score(...faces: SelectedFace[]) {
  const score = new VisitScore();
  score.add(CLIP, faces);
  const { nonfaces, found, claimed, right, missed } = score;
  return {
    nonfaces,
    found,
    claimed,
    right,
    missed: missed.length,
    precision: score.precision,
    recall: score.recall,
  };
}

Deno.test("one visit per person has full recall and precision", () => {
  const all = { nonfaces: 0, found: 2, claimed: 2, right: 2, missed: 0, precision: 1, recall: 1 };
  assert.deepEqual(score(face(100, 1), face(300, 2), face(105, 1)), all);
});

Deno.test("split visits, merged visits and visits of nobody have different scores", () => {
  const split = score(face(100, 1), face(100, 2));
  assert.deepEqual([split.found, split.claimed, split.right, split.recall], [1, 2, 1, 0.5]);
  const merged = score(face(100, 1), face(300, 1));
  assert.deepEqual([merged.found, merged.claimed, merged.right, merged.recall], [2, 1, 1, 1]);
  const nobody = score(face(100, 1), face(400, 2));
  assert.deepEqual([nobody.nonfaces, nobody.claimed, nobody.right, nobody.precision], [1, 2, 1, 0.5]);
});

Deno.test("faces without a visit count as faces only", () => {
  const every = score(face(100), face(100), face(300), face(400));
  assert.deepEqual([every.nonfaces, every.found, every.claimed, every.precision], [1, 2, 0, 0.75]);
});

Deno.test("without faces recall is 0 and precision is 1", () => {
  const none = score();
  assert.deepEqual([none.recall, none.precision, none.missed], [0, 1, 2]);
});

Deno.test("a face of somebody in passedOver is neither right nor wrong", () => {
  const { nonfaces, claimed, precision } = score(face(100, 1), face(505, 2));
  assert.deepEqual([nonfaces, claimed, precision], [0, 1, 1]);
});
