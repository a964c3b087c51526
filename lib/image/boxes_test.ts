/** How boxes lie to one another. */
import assert from "node:assert/strict";
import { overlap } from "./boxes.ts";

const face = (x: number) => ({ x, y: 100, width: 80, height: 80 });

Deno.test("overlap() is 1 for the same box, 0 for boxes apart, a third for half a width", () => {
  assert.equal(overlap(face(0), face(0)), 1);
  assert.equal(overlap(face(0), face(80)), 0);
  assert.ok(Math.abs(overlap(face(0), face(40)) - 1 / 3) < 1e-9);
});
