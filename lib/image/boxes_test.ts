/** How boxes lie to one another, and in a picture of another size. */
import assert from "node:assert/strict";
import { enlarged, overlap } from "./boxes.ts";

const face = (x: number) => ({ x, y: 100, width: 80, height: 80 });

Deno.test("overlap() is 1 for the same box, 0 for boxes apart, a third for half a width", () => {
  assert.equal(overlap(face(0), face(0)), 1);
  assert.equal(overlap(face(0), face(80)), 0);
  assert.ok(Math.abs(overlap(face(0), face(40)) - 1 / 3) < 1e-9);
});

Deno.test("enlarged() gives a box and its landmarks in a larger picture, clipped to it", () => {
  const size = { width: 639, height: 479 };
  const box = { x: 10, y: 20, width: 30, height: 40, weight: 3, landmarks: [{ x: 1.5, y: 2 }] };
  assert.equal(enlarged(box, 1, size), box);
  assert.deepEqual(enlarged(box, 2, size), {
    x: 20,
    y: 40,
    width: 60,
    height: 80,
    weight: 3,
    landmarks: [{ x: 3, y: 4 }],
  });
  const atTheEdge = { x: 300, y: 220, width: 20, height: 20 };
  assert.deepEqual(enlarged(atTheEdge, 2, size), { x: 600, y: 440, width: 39, height: 39 });
  const origin = { x: -1, y: -1 };
  assert.deepEqual(enlarged(atTheEdge, 2, size, origin), { x: 599, y: 439, width: 40, height: 40 });
  assert.deepEqual(enlarged({ ...box, x: 0, y: 0 }, 2, size, origin), {
    x: 0,
    y: 0,
    width: 59,
    height: 79,
    weight: 3,
    landmarks: [{ x: 2, y: 3 }],
  });
});
