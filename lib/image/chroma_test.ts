/** Chroma of known colours. */
import assert from "node:assert/strict";
import { chromaOf } from "./chroma.ts";

const colours = (...rgb: number[]) => ({ kind: "rgb24", rgb: Uint8Array.from(rgb) }) as const;

Deno.test("gray has neutral chroma, and red, green and blue have JPEG's", () => {
  const size = { width: 1, height: 1 };
  const of = (...rgb: number[]) => {
    const { u, v } = chromaOf(colours(...rgb), size);
    return [...u, ...v];
  };
  assert.deepEqual(of(77, 77, 77), [128, 128]);
  assert.deepEqual(of(255, 0, 0), [85, 255]);
  assert.deepEqual(of(0, 255, 0), [44, 21]);
  assert.deepEqual(of(0, 0, 255), [255, 107]);
});

Deno.test("a value is of the mean of 2x2 pixels; the last row and column of an odd size count twice", () => {
  const white = [255, 255, 255];
  const blue = [0, 0, 255];
  const { u } = chromaOf(colours(...blue, ...white, ...blue, ...white, ...blue, ...blue), {
    width: 3,
    height: 2,
  });
  assert.deepEqual([...u], [192, 255]);
  const odd = chromaOf(colours(...white, ...blue, ...white), { width: 1, height: 3 });
  assert.deepEqual([...odd.u], [192, 128]);
});
