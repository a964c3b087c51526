/** Why a search missed a face. */
import assert from "node:assert/strict";
import type { Detection } from "./engine.ts";
import { missedFaces } from "./missed.ts";
import { reasonWords, standingWords } from "./outcome_words.ts";

const face = (x: number, width: number, rest: Partial<Detection> = {}): Detection => ({
  x,
  y: 0,
  width,
  height: width,
  ...rest,
});
const LIMITS = { minSize: 60, maxSize: 200, minScore: 0.7, minNeighbors: 5 };
const about = (area: "all" | Detection[] = "all") => ({
  area,
  limits: LIMITS,
  filter: ({ x }: Detection) => x === 900 ? "ignored" as const : undefined,
});

Deno.test("each missed face has one reason, size first", () => {
  const second = [
    face(0, 100),
    face(200, 48, { score: 0.1 }),
    face(300, 300),
    face(600, 80, { score: 0.41 }),
    face(700, 80, { neighbors: 5 }),
    face(800, 80, { score: 0.9, neighbors: 6 }),
    face(900, 80),
  ];
  const missed = missedFaces(second, [face(5, 100)], about());
  assert.deepEqual(missed.map(({ box, reason }) => [box.x, reason]), [
    [200, "too_small"],
    [300, "too_large"],
    [600, "low_score"],
    [700, "low_score"],
    [800, "low_score"],
    [900, "ignored"],
  ]);
});

Deno.test("a face outside the searched regions was not searched for", () => {
  const area = [face(0, 150)];
  const missed = missedFaces([face(20, 100), face(100, 100), face(500, 100)], [], about(area));
  assert.deepEqual(missed.map(({ reason }) => reason), ["low_score", "unsearched", "unsearched"]);
});

Deno.test("words name the value and the limit", () => {
  const words = (reason: Parameters<typeof reasonWords>[0], rest: Partial<Detection> = {}, width = 48) =>
    reasonWords(reason, face(0, width, rest), { ...LIMITS, minWeight: 3 });
  assert.deepEqual(words("too_small"), { text: "48 px, minimum 60", short: "48 px" });
  assert.deepEqual(words("too_large", {}, 300), { text: "300 px, maximum 200", short: "300 px" });
  assert.deepEqual(words("low_score", { score: 0.699 }), { text: "score 0.69, minimum 0.7", short: "0.69" });
  assert.deepEqual(words("low_score", { neighbors: 3 }), { text: "3 hits, minimum 6", short: "3 hits" });
  assert.deepEqual(words("low_score", { weight: 2.996 }), { text: "score 2.99, minimum 3", short: "2.99" });
  assert.equal(words("ignored").text, "ignored zone");
  const standing = { kind: "waits", hits: 1, needed: 2, frames: 4 } as const;
  assert.equal(standingWords(standing, face(0, 50), LIMITS).text, "not yet: 1 of 2 in 4");
  assert.equal(standingWords({ kind: "counts" }, face(0, 50), LIMITS).text, "counts · 50 px");
});
