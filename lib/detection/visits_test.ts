import assert from "node:assert/strict";
import { overlap, type Sighting, type Visit, Visits, type VisitSettings } from "./visits.ts";

const SETTINGS: VisitSettings = { confirmHits: 2, confirmFrames: 3, gapMs: 500 };
const FRAME_MS = 100;

const face = (x: number, y = 100, size = 80) => ({ x, y, width: size, height: size });

/** Shows frames, each a list of boxes, 100 ms apart; returns the number of the visit of every detection and the ends. */
function show(frames: ReturnType<typeof face>[][], settings = SETTINGS) {
  const visits = new Visits<undefined>(settings);
  const numbers: number[][] = [];
  const ended: Visit<undefined>[] = [];
  frames.forEach((boxes, index) => {
    const sightings: Sighting<undefined>[] = boxes.map((box) => ({
      box,
      atMs: index * FRAME_MS,
      item: undefined,
    }));
    const changes = visits.see(sightings, index * FRAME_MS);
    numbers.push(changes.seen.map(({ visit }) => visit.number));
    ended.push(...changes.ended);
  });
  return { numbers, ended, last: visits.end() };
}

Deno.test("a face that stays, trembles or walks is one visit", () => {
  const walking = Array.from({ length: 20 }, (_, index) => [face(index * 30 + (index % 2) * 5)]);
  const { numbers, last } = show(walking);
  assert.deepEqual(new Set(numbers.flat()), new Set([1]));
  assert.equal(last[0].detections, 20);
  assert.equal(last[0].last.atMs - last[0].first.atMs, 1_900);
});

Deno.test("a visit survives some frames without a detection, moving on meanwhile", () => {
  const walking = Array.from({ length: 12 }, (_, index) => index >= 5 && index < 8 ? [] : [face(index * 25)]);
  assert.deepEqual(new Set(show(walking).numbers.flat()), new Set([1]));
});

Deno.test("a visit ends after the gap, and who comes then is somebody else", () => {
  const frames = [...Array(4).fill([face(10)]), ...Array(8).fill([]), ...Array(4).fill([face(10)])];
  const { numbers, ended, last } = show(frames);
  assert.deepEqual(new Set(numbers.flat()), new Set([1, 2]));
  assert.deepEqual(ended.map(({ number, detections }) => [number, detections]), [[1, 4]]);
  assert.deepEqual(last.map(({ number }) => number), [2]);
});

Deno.test("two who walk past each other keep their visits", () => {
  const frames = Array.from(
    { length: 21 },
    (_, index) => [face(index * 20, 100), face(400 - index * 20, 150)],
  );
  for (const [a, b] of show(frames).numbers) assert.deepEqual([a, b], [1, 2]);
});

Deno.test("a box that flickers up once is no visit", () => {
  const { ended, last } = show([[], [face(50)], ...Array(20).fill([])]);
  assert.deepEqual([...ended, ...last], []);
});

Deno.test("confirming takes k of n frames", () => {
  const seldom = Array.from({ length: 12 }, (_, index) => index % 3 === 0 ? [face(50)] : []);
  assert.equal(show(seldom, { ...SETTINGS, confirmHits: 3, confirmFrames: 5 }).last.length, 0);
  assert.equal(show(seldom, { ...SETTINGS, confirmHits: 3, confirmFrames: 7 }).last.length, 1);
});

Deno.test("a jump across the picture is somebody else", () => {
  assert.deepEqual(show([[face(0)], [face(0)], [face(400)], [face(400)]]).numbers, [[1], [1], [2], [2]]);
});

Deno.test("overlap() is 1 for the same box, 0 for boxes apart, a third for half a width", () => {
  assert.equal(overlap(face(0), face(0)), 1);
  assert.equal(overlap(face(0), face(80)), 0);
  assert.ok(Math.abs(overlap(face(0), face(40)) - 1 / 3) < 1e-9);
});
