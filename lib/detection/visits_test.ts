/** Visits: detections of one person in consecutive frames. */
import assert from "node:assert/strict";
import { overlap, type Sighting, type Visit, Visits, type VisitSettings } from "./visits.ts";

const SETTINGS: VisitSettings = { confirmHits: 2, confirmFrames: 3, gapMs: 500 };
const FRAME_MS = 100;

const face = (x: number, y = 100, size = 80) => ({ x, y, width: size, height: size });

/** Shows frames, 100 ms apart; returns the visit of every detection, and the visits that ended. */
function show(
  frames: (ReturnType<typeof face> & { who?: string })[][],
  settings = SETTINGS,
  isFace: (who?: string) => boolean = () => true,
) {
  const isSimilar = (some?: string, other?: string) => some === other;
  const visits = new Visits<string | undefined>(settings, { isSimilar, isFace });
  const numbers: number[][] = [];
  const ended: Visit<string | undefined>[] = [];
  frames.forEach((boxes, index) => {
    const sightings: Sighting<string | undefined>[] = boxes.map((box) => ({
      box,
      sourceTimeMs: index * FRAME_MS,
      item: box.who,
    }));
    const changes = visits.update(sightings, index * FRAME_MS);
    numbers.push(changes.seen.map(({ visit }) => visit.number));
    ended.push(...changes.ended);
  });
  return { numbers, ended, last: visits.flush() };
}

Deno.test("a face that stays, jitters or walks is one visit", () => {
  const walking = Array.from({ length: 20 }, (_, index) => [face(index * 30 + (index % 2) * 5)]);
  const { numbers, last } = show(walking);
  assert.deepEqual(new Set(numbers.flat()), new Set([1]));
  assert.equal(last[0].detections, 20);
  assert.equal(last[0].last.sourceTimeMs - last[0].first.sourceTimeMs, 1_900);
});

Deno.test("a visit goes on after some frames without a detection, also of a moving face", () => {
  const walking = Array.from({ length: 12 }, (_, index) => index >= 5 && index < 8 ? [] : [face(index * 25)]);
  assert.deepEqual(new Set(show(walking).numbers.flat()), new Set([1]));
});

Deno.test("a visit ends after the gap, and a later detection begins another visit", () => {
  const frames = [...Array(4).fill([face(10)]), ...Array(8).fill([]), ...Array(4).fill([face(10)])];
  const { numbers, ended, last } = show(frames);
  assert.deepEqual(new Set(numbers.flat()), new Set([1, 2]));
  assert.deepEqual(ended.map(({ number, detections }) => [number, detections]), [[1, 4]]);
  assert.deepEqual(last.map(({ number }) => number), [2]);
});

Deno.test("two people who pass each other keep their visits", () => {
  const frames = Array.from(
    { length: 21 },
    (_, index) => [face(index * 20, 100), face(400 - index * 20, 150)],
  );
  for (const [a, b] of show(frames).numbers) assert.deepEqual([a, b], [1, 2]);
});

/** A face of a person, similar to that person's faces only. */
const named = (who: string, x: number, size = 80) => ({ ...face(x, 100, size), who });

Deno.test("another person who takes the place at once is another visit, and both visits go on", () => {
  const first = Array(5).fill([named("a", 100)]);
  const second = Array(5).fill([named("b", 120, 70)]);
  assert.deepEqual(show([...first, ...second, ...first.slice(2)]).numbers.flat().join(""), "1111122222111");
});

Deno.test("after some time without a detection, another person in the same place is another visit, the same person is not", () => {
  const wait = Array(5).fill([]);
  const settings = { ...SETTINGS, gapMs: 2_000 };
  const after = (who: string) =>
    show([[named("a", 100)], [named("a", 100)], ...wait, [named(who, 100)]], settings);
  assert.deepEqual(after("b").numbers.at(-1), [2]);
  assert.deepEqual(after("a").numbers.at(-1), [1]);
});

Deno.test("a face that did not jump stays the same visit, even when its looks change", () => {
  const frames = Array.from({ length: 10 }, (_, index) => [named(`look ${index}`, 100 + index * 5)]);
  assert.deepEqual(new Set(show(frames).numbers.flat()), new Set([1]));
});

Deno.test("a person who stopped while nothing was detected is still the same visit", () => {
  const walks = Array.from({ length: 5 }, (_, index) => [face(300 - index * 25)]);
  assert.deepEqual(show([...walks, [], [], [], [face(195)]]).numbers.at(-1), [1]);
});

Deno.test("a visit is confirmed once one of its detections is certainly a face, and no later one is checked", () => {
  const frames = ["thing", "thing", "thing", "face", "thing"].map((who) => [named(who, 100)]);
  assert.equal(show(frames.slice(0, 3), SETTINGS, (who) => who === "face").last.length, 0);
  const checked: (string | undefined)[] = [];
  const { last } = show(frames, SETTINGS, (who) => {
    checked.push(who);
    return who === "face";
  });
  assert.deepEqual(last.map(({ detections }) => detections), [5]);
  assert.deepEqual(checked, ["thing", "thing", "thing", "face"]);
});

Deno.test("a single detection is no visit", () => {
  const { ended, last } = show([[], [face(50)], ...Array(20).fill([])]);
  assert.deepEqual([...ended, ...last], []);
});

Deno.test("a visit is confirmed by K detections in N successive frames", () => {
  const seldom = Array.from({ length: 12 }, (_, index) => index % 3 === 0 ? [face(50)] : []);
  assert.equal(show(seldom, { ...SETTINGS, confirmHits: 3, confirmFrames: 5 }).last.length, 0);
  assert.equal(show(seldom, { ...SETTINGS, confirmHits: 3, confirmFrames: 7 }).last.length, 1);
});

Deno.test("a jump across the frame is another visit", () => {
  assert.deepEqual(show([[face(0)], [face(0)], [face(400)], [face(400)]]).numbers, [[1], [1], [2], [2]]);
});

Deno.test("overlap() is 1 for the same box, 0 for boxes apart, a third for half a width", () => {
  assert.equal(overlap(face(0), face(0)), 1);
  assert.equal(overlap(face(0), face(80)), 0);
  assert.ok(Math.abs(overlap(face(0), face(40)) - 1 / 3) < 1e-9);
});
