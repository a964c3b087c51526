/** Sequences of people, and their counts. */
import assert from "node:assert/strict";
import { count, tellApart } from "./visit_sequences.ts";
import { CONDITIONS, sequencesOf } from "./visit_orders.ts";
import type { Stay } from "./visit_stays.ts";

/** A film of a face of one colour over clothes of another, 10 frames per second. */
function stay(person: string, [face, clothes]: [[number, number, number], [number, number, number]]): Stay {
  const [width, height] = [320, 240];
  const plane = (wide: number, high: number, channel: number) =>
    Uint8Array.from({ length: wide * high }, (_, at) => {
      const [x, y] = [at % wide / wide, Math.floor(at / wide) / high];
      if (Math.abs(x - 0.5) > 0.12 || y < 0.2) return channel === 0 ? 120 : 128;
      return (y < 0.48 ? face : clothes)[channel];
    });
  const [y, u, v] = [plane(width, height, 0), plane(160, 120, 1), plane(160, 120, 2)];
  const pixels = { kind: "yuv420", y, u, v, fullRange: true } as const;
  const detection = { x: 136, y: 60, width: 48, height: 48 };
  const frames = Array.from({ length: 40 }, (_, index) => ({
    size: { width, height },
    pixels,
    atMs: index * 100,
    detection,
  }));
  return { person, frames };
}

const PEOPLE = [
  stay("red", [[150, 110, 150], [90, 120, 190]]),
  stay("blue", [[110, 120, 140], [60, 180, 110]]),
];

Deno.test("two people are told apart in every order and condition, and each returns", () => {
  for (const [condition, told] of tellApart(PEOPLE, { confirmHits: 2, confirmFrames: 4 })) {
    assert.deepEqual(
      Array.from(told, ([order, { cases, merged, split }]) => [order, cases, merged, split]),
      [
        ["another takes the place at once", 2, 0, 0],
        ["another comes after 3 s", 2, 0, 0],
        ["another comes after 20 s", 2, 0, 0],
        ["two swap places, 3 sides apart", 1, 0, 0],
        ["two swap places, 5 sides apart", 1, 0, 0],
        ["two swap places, 6 sides apart", 1, 0, 0],
        ["one returns after 3 s", 2, 0, 0],
        ["one returns after 20 s", 2, 0, 0],
      ],
      condition,
    );
  }
});

Deno.test("scenes are in the order of their times, and conditions keep it", () => {
  for (const { order, scenes } of sequencesOf(PEOPLE)) {
    for (const [condition, change] of Object.entries(CONDITIONS)) {
      const times = change(scenes).map(({ atMs }) => atMs);
      assert.ok(times.every((time, at) => at === 0 || time > times[at - 1]), `${order}, ${condition}`);
    }
  }
});

Deno.test("a sequence is right when each person is one visit, merged when one is two, split when two are one", () => {
  const counts = (...visits: string[][]) => {
    const told = { cases: 0, right: 0, merged: 0, split: 0 };
    count(told, visits.map((shown) => new Set(shown)), new Set(["a", "b"]));
    return [told.right, told.merged, told.split];
  };
  assert.deepEqual(counts(["a"], ["b"]), [1, 0, 0]);
  assert.deepEqual(counts(["a", "b"]), [0, 1, 0]);
  assert.deepEqual(counts(["a"], ["b"], ["a"]), [0, 0, 1]);
  assert.deepEqual(counts(["a"]), [0, 0, 0], "b is missing");
});
