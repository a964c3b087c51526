/** The faces that are selected from detections. */
import assert from "node:assert/strict";
import type { Frame } from "../image/frame.ts";
import { bestFaces, everyFace, type FaceSelector, type ScoredFace } from "./face_selection.ts";

const SETTINGS = { confirmHits: 2, confirmFrames: 3, gapMs: 300, stillMs: 2_000 };
const FRAME_MS = 100;
const BOX = { x: 60, y: 60, width: 60, height: 60 };

/** A frame with a symmetric pattern in the box; a smaller period scores higher. */
function frame(period: number, index: number): Frame {
  const rgb = new Uint8Array(200 * 200 * 3);
  for (let y = 0; y < 200; y++) {
    for (let x = 0; x < 200; x++) {
      const value = 128 +
        90 * Math.cos((x - 89.5) * 2 * Math.PI / period) * Math.cos((y - 89.5) * 2 * Math.PI / period);
      rgb.fill(value, (y * 200 + x) * 3, (y * 200 + x) * 3 + 3);
    }
  }
  return {
    width: 200,
    height: 200,
    pixels: { kind: "rgb24", rgb },
    capturedMs: index * FRAME_MS,
    sourceTimeMs: index * FRAME_MS,
  };
}

const [CRISP, SOFT] = [4, 60];

/** Shows frames, each with a face of this period or with none. Returns frame, reason and detections of the selected faces. */
function show(frames: (number | undefined)[]) {
  const selector = bestFaces(0.2, SETTINGS);
  const selected = frames.flatMap((period, index) =>
    selector.update(frame(period ?? SOFT, index), period === undefined ? [] : [BOX])
  );
  return [...selected, ...selector.flush()].map((
    { capturedMs, visit },
  ) => [capturedMs / FRAME_MS, visit?.why, visit?.detections]);
}

Deno.test("a visit yields its best face so far when it is confirmed", () => {
  assert.deepEqual(show([SOFT, SOFT]), [[0, "first", 2]]);
  assert.deepEqual(show([SOFT, CRISP]), [[1, "first", 2]]);
  assert.deepEqual(show([SOFT]), []);
});

Deno.test("a visit yields its best face at its end, if that is clearly better than the first", () => {
  assert.deepEqual(show([SOFT, SOFT, SOFT, CRISP, SOFT]), [[0, "first", 2], [3, "best", 5]]);
  assert.deepEqual(show([CRISP, CRISP, SOFT, CRISP, SOFT]), [[0, "first", 2]]);
  const gone = Array(5).fill(undefined);
  assert.deepEqual(show([SOFT, SOFT, CRISP, ...gone, SOFT, SOFT]), [[0, "first", 2], [2, "best", 3], [
    8,
    "first",
    2,
  ]]);
});

Deno.test("a long visit yields a face at each interval", () => {
  const long = show(Array(45).fill(SOFT));
  assert.deepEqual(long.map(([, why, detections]) => [why, detections]), [["first", 2], ["still", 22], [
    "still",
    42,
  ]]);
});

Deno.test("a face that jumps and looks different is another visit", () => {
  const selector = bestFaces(0.2, SETTINGS);
  const turned = { ...BOX, x: BOX.x + 15 };
  const faces = [
    ...[0, 1].flatMap((index) => selector.update(frame(SOFT, index), [BOX])),
    ...[2, 3].flatMap((index) => selector.update(frame(SOFT, index), [turned])), // a quarter of the wave further
    ...[4, 5].flatMap((index) => selector.update(frame(SOFT, index), [BOX])),
  ];
  assert.deepEqual(faces.map(({ box, visit }) => [box.x, visit?.number]), [[BOX.x, 1], [turned.x, 2]]);
});

Deno.test("with a check a visit needs one face that passes it, and everyFace() selects only those that do", () => {
  const show = (selector: FaceSelector) =>
    [0, 1, 2].flatMap((index) => selector.update(frame(CRISP, index), [BOX]));
  const at = (frames: number[]) => ({ capturedMs }: ScoredFace) => frames.includes(capturedMs / FRAME_MS);
  assert.equal(show(bestFaces(0.2, SETTINGS, at([]))).length, 0);
  assert.deepEqual(show(bestFaces(0.2, SETTINGS, at([0]))).map(({ visit }) => visit?.detections), [2]);
  assert.deepEqual(show(bestFaces(0.2, SETTINGS, at([2]))).map(({ visit }) => visit?.detections), [3]);
  assert.equal(show(everyFace(0.2, at([0, 2]))).length, 2);
});

Deno.test("everyFace() selects each detection, with its score and without a visit", () => {
  const selected = everyFace(0.2).update(frame(CRISP, 0), [BOX, { ...BOX, x: 10 }]);
  assert.equal(selected.length, 2);
  assert.deepEqual(selected[0].crop, { x: 48, y: 48, width: 84, height: 84 });
  assert.ok(selected[0].score > 0 && selected[0].visit === undefined);
});
