/** Visits: detections of one person in consecutive frames. */
import assert from "node:assert/strict";
import { BINS, type Looks } from "./looks.ts";
import { MAX_VISITS, type Sighting, type Visit, Visits, type VisitSettings } from "./visits.ts";

const SETTINGS: VisitSettings = { confirmHits: 2, confirmFrames: 3, gapMs: 500 };
const FRAME_MS = 100;

const face = (x: number, y = 100, size = 80) => ({ x, y, width: size, height: size });

/** The looks of somebody, by the first letter of the name: nobody else's are similar. */
function looksOf(who = ""): Looks {
  const colours = new Float32Array(BINS);
  colours[who === "" ? 0 : who.charCodeAt(0) % BINS] = 1;
  return { head: colours, clothes: colours, face: new Float32Array(64), hasColour: true };
}

/** Shows frames, 100 ms apart; returns the visit of every detection, and the visits that ended. */
function show(
  frames: (ReturnType<typeof face> & { who?: string })[][],
  settings = SETTINGS,
  isFace: (who?: string) => boolean = () => true,
  frameMs = FRAME_MS,
) {
  const visits = new Visits<string | undefined>(settings, isFace);
  const numbers: number[][] = [];
  const ended: Visit<string | undefined>[] = [];
  frames.forEach((boxes, index) => {
    const sightings: Sighting<string | undefined>[] = boxes.map((box) => ({
      box,
      sourceTimeMs: index * frameMs,
      looks: looksOf(box.who),
      item: box.who,
    }));
    const changes = visits.update(sightings, index * frameMs);
    numbers.push(changes.seen.map(({ visit }) => visit.number));
    ended.push(...changes.ended);
  });
  return { numbers, ended, last: visits.flush().ended };
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

Deno.test("another person in exactly the same place is another visit", () => {
  const frames = [...Array(5).fill([named("a", 100)]), ...Array(5).fill([named("b", 100)])];
  assert.deepEqual(show(frames).numbers.flat().join(""), "1111122222");
});

Deno.test("two people who swap places unseen keep their visits", () => {
  const settings = { ...SETTINGS, gapMs: 2_000 };
  for (const other of [300, 660]) {
    const before = Array(5).fill([named("a", 100), named("b", other)]);
    const after = Array(5).fill([named("b", 100), named("a", other)]);
    const { numbers } = show([...before, ...Array(6).fill([]), ...after], settings);
    assert.deepEqual(numbers.at(-1), [2, 1], `${(other - 100) / 80} sides apart`);
  }
});

const LONG = { ...SETTINGS, gapMs: 10_000 };
const FIVE_OF_A = Array(5).fill([named("a", 100)]);
const AWAY = Array(20).fill([]);

Deno.test("somebody who returns has the same visit again, another person in the place a new one", () => {
  const after = (who: string) => show([...FIVE_OF_A, ...AWAY, ...Array(3).fill([named(who, 120)])], LONG);
  assert.deepEqual(after("b").numbers.flat(), [1, 1, 1, 1, 1, 2, 2, 2]);
  const { numbers, last } = after("a");
  assert.deepEqual(numbers.slice(-3), [[], [1, 1], [1]], "the first detection comes with the second one");
  assert.deepEqual(last.map(({ detections }) => detections), [8]);
});

Deno.test("a single detection returns to no visit, and a detection elsewhere is no second one", () => {
  const { numbers, last } = show([...FIVE_OF_A, ...AWAY, [named("a", 120)], ...Array(9).fill([])], LONG);
  assert.equal(numbers.flat().length, 5);
  assert.equal(last[0].last.sourceTimeMs, 400);
  const apart = show([...FIVE_OF_A, ...AWAY, [named("a", 0)], [named("a", 250)], [named("a", 255)]], LONG);
  assert.deepEqual(apart.numbers.slice(-3), [[], [], [1, 1]]);
});

Deno.test("a detection that returns to a visit keeps it open", () => {
  const seldom = Array.from({ length: 60 }, (_, index) => index % 8 === 0 ? [named("a", 100)] : []);
  const { ended, last } = show([...FIVE_OF_A, ...seldom, ...FIVE_OF_A], { ...SETTINGS, gapMs: 1_000 });
  assert.deepEqual([ended.length, last.map(({ number }) => number)], [0, [1]]);
});

Deno.test("at a frame a second a visit goes on, and --confirm 1/1 returns at once", () => {
  const slow = show([[named("a", 100)], [named("a", 110)], [], [named("a", 120)]], LONG, undefined, 1_000);
  assert.deepEqual(slow.numbers, [[1], [1], [], [1]]);
  const atOnce = { ...LONG, confirmHits: 1, confirmFrames: 1 };
  assert.deepEqual(show([...FIVE_OF_A, ...AWAY, [named("a", 120)]], atOnce).numbers.at(-1), [1]);
});

Deno.test("a face of another size is another visit", () => {
  assert.deepEqual(show([[named("a", 100)], [named("a", 80, 140)]]).numbers, [[1], [2]]);
});

Deno.test("beyond the maximum number of visits unconfirmed ones end first, then the one seen longest ago", () => {
  const crowd = Array.from({ length: MAX_VISITS }, (_, index) => face(index * 900));
  const [first, ...others] = crowd;
  const once = show([[first], [first], others, [face(0, 900)]], LONG);
  assert.deepEqual([once.ended, once.last.map(({ number }) => number)], [[], [1]]);
  const full = show([crowd, crowd, others, [face(0, 900)], [face(0, 900)]], LONG);
  assert.deepEqual(full.ended.map(({ first: { box } }) => box), [first]);
  assert.equal(full.last.length, MAX_VISITS);
});

Deno.test("a person who stopped while nothing was detected is still the same visit", () => {
  const walks = Array.from({ length: 5 }, (_, index) => [face(300 - index * 25)]);
  assert.deepEqual(show([...walks, [], [], [], [face(195)]]).numbers.at(-1), [1]);
});

Deno.test("a visit is confirmed once one of its detections is certainly a face, and no later one is checked", () => {
  const frames = ["a thing", "a thing", "a thing", "a face", "a thing"].map((who) => [named(who, 100)]);
  assert.equal(show(frames.slice(0, 3), SETTINGS, (who) => who === "a face").last.length, 0);
  const checked: (string | undefined)[] = [];
  const { last } = show(frames, SETTINGS, (who) => {
    checked.push(who);
    return who === "a face";
  });
  assert.deepEqual(last.map(({ detections }) => detections), [5]);
  assert.deepEqual(checked, ["a thing", "a thing", "a thing", "a face"]);
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

Deno.test("a jump across the frame is another visit, also at a frame a second", () => {
  const jump = [[face(0)], [face(0)], [face(400)], [face(400)]];
  for (const frameMs of [100, 500, 1_000]) {
    assert.deepEqual(show(jump, LONG, undefined, frameMs).numbers, [[1], [1], [2], [2]], `${frameMs} ms`);
  }
});
