/** The visits of a clip beside the known ones. */
import assert from "node:assert/strict";
import { framePainted, type PaintedPerson } from "../lib/testing/people.ts";
import type { ClipTruth } from "./truth/truth.ts";
import { type Assigned, AssignedVisits } from "./visit_assignment.ts";

const FACE = { x: 120, y: 60, width: 60, height: 60 };
const IN_RED: PaintedPerson = {
  face: FACE,
  hair: [50, 35, 30],
  skin: [200, 150, 130],
  clothes: [170, 40, 50],
};
const IN_BLUE: PaintedPerson = { ...IN_RED, hair: [120, 90, 50], clothes: [40, 60, 150] };
const SETTINGS = { confirmHits: 2, confirmFrames: 4, gapMs: 2_000 };

/** A clip of 10 frames per second: the painted people, and those whom the truth names. */
function assigned(painted: PaintedPerson[], named: string[], box = FACE): Assigned {
  const visits = Array.from(new Set(named), (who) => {
    const [from, to] = [named.indexOf(who), named.lastIndexOf(who)];
    const boxAt = (frame: number) => [frame, FACE.x, FACE.y, FACE.width, FACE.height] as const;
    return { who, from, to, boxes: [boxAt(from), boxAt(to)] };
  });
  const size = { width: 320, height: 240, framesPerSecond: 10, frames: painted.length };
  const clip = new AssignedVisits({ ...size, clip: "x.mp4", sha256: "", visits } as ClipTruth, SETTINGS);
  painted.forEach((person, index) => clip.add(framePainted([person], { sourceTimeMs: index * 100 }), [box]));
  const all = new Map<string, Assigned>();
  clip.addTo(all);
  assert.deepEqual(Array.from(all.keys()), ["all frames", "every third missing", "5 frames/s"]);
  return all.get("all frames")!;
}

const TWO = [...Array(6).fill(IN_RED), ...Array(6).fill(IN_BLUE)];
const AB = [..."aaaaaabbbbbb"];

Deno.test("known visits are right, merged, split or of nobody", () => {
  const none = { right: 0, split: 0, merged: 0, nobody: 0 };
  assert.deepEqual(assigned(TWO, AB), { ...none, truth: 2, right: 2 });
  assert.deepEqual(assigned(Array(12).fill(IN_RED), AB), { ...none, truth: 2, merged: 1 });
  assert.deepEqual(assigned(TWO, Array(12).fill("a")), { ...none, truth: 1, split: 1 });
  assert.deepEqual(assigned(Array(12).fill(IN_RED), AB, { ...FACE, x: 20 }), {
    ...none,
    truth: 2,
    nobody: 1,
  });
});
