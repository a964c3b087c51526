/** The faces that are selected from detections. */
import assert from "node:assert/strict";
import type { Frame } from "../image/frame.ts";
import { bestFaces, everyFace, type FaceSelector, type ScoredFace } from "./face_selection.ts";

const SETTINGS = { confirmHits: 2, confirmFrames: 3, gapMs: 300, stillMs: 2_000 };
const FRAME_MS = 100;
const BOX = { x: 60, y: 60, width: 60, height: 60 };

type Colour = readonly [red: number, green: number, blue: number];
const [IN_RED, IN_BLUE]: readonly Colour[] = [[1, 0.5, 0.5], [0.3, 0.4, 1]];

/** A frame with a symmetric pattern in the box, and clothes below it; a smaller period scores higher. */
function frame(period: number, index: number, clothes = IN_RED): Frame {
  const rgb = new Uint8Array(200 * 200 * 3);
  for (let y = 0, at = 0; y < 200; y++) {
    for (let x = 0; x < 200; x++) {
      const value = 128 +
        40 * Math.cos((x - 89.5) * 2 * Math.PI / period) * Math.cos((y - 89.5) * 2 * Math.PI / period);
      for (let channel = 0; channel < 3; channel++) rgb[at++] = y < 130 ? value : value * clothes[channel];
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

Deno.test("another person in the same place is another visit", () => {
  const selector = bestFaces(0.2, SETTINGS);
  const faces = [IN_RED, IN_RED, IN_BLUE, IN_BLUE, IN_RED].flatMap((clothes, index) =>
    selector.update(frame(SOFT, index, clothes), [BOX])
  );
  assert.deepEqual(faces.map(({ capturedMs, visit }) => [capturedMs, visit?.number]), [[0, 1], [200, 2]]);
});

Deno.test("a selected face holds no looks", () => {
  const selector = bestFaces(0.2, SETTINGS);
  const [face] = [0, 1].flatMap((index) => selector.update(frame(SOFT, index), [BOX]));
  assert.ok(!/looks|clothes|hasColour/.test(JSON.stringify(face)));
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
