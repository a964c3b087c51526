/** The similarity of two crops. */
import assert from "node:assert/strict";
import { crop, type Picture, withMargin } from "../image/crop.ts";
import type { Box } from "../image/frame.ts";
import { decodePng } from "../image/png.ts";
import { similarity } from "./similarity.ts";

const portrait = decodePng(await Deno.readFile(new URL("../camera/sample/astronaut.png", import.meta.url)));
const FACE: Box = { x: 176, y: 66, width: 95, height: 95 };

/** The cropped face of a box, after `change` was applied to its pixels. */
function cut(box: Box, margin = 0.2, change: (picture: Picture) => void = () => {}) {
  const where = withMargin(box, margin, portrait);
  const pixels = { kind: "rgb24", rgb: portrait.rgb } as const;
  const picture = crop({ ...portrait, pixels, capturedMs: 0, sourceTimeMs: 0 }, where);
  change(picture);
  return { picture, box, crop: where };
}

Deno.test("a face is similar to itself, with any margin, a slightly different box and other light", () => {
  const near = { x: FACE.x - 3, y: FACE.y + 2, width: 101, height: 101 };
  const darker = ({ rgb }: Picture) => rgb.forEach((value, at) => rgb[at] = 20 + value / 2);
  assert.ok(Math.abs(similarity(cut(FACE), cut(FACE)) - 1) < 1e-9);
  assert.ok(Math.abs(similarity(cut(FACE, 0), cut(FACE, 3)) - 1) < 1e-9);
  assert.ok(similarity(cut(FACE), cut(near)) > 0.9);
  assert.ok(similarity(cut(FACE), cut(FACE, 0.2, darker)) > 0.99);
});

Deno.test("a face is not similar to other things, and its negative has similarity -1", () => {
  const negative = ({ rgb }: Picture) => rgb.forEach((value, at) => rgb[at] = 255 - value);
  assert.ok(similarity(cut(FACE), cut({ ...FACE, x: 330, y: 250 })) < 0.5);
  assert.ok(Math.abs(similarity(cut(FACE), cut(FACE, 0.2, negative)) + 1) < 1e-9);
});

Deno.test("a picture without contrast has similarity 0, and a box smaller than a thumbnail is compared too", () => {
  assert.equal(similarity(cut(FACE), cut(FACE, 0.2, ({ rgb }) => rgb.fill(7))), 0);
  const tiny = { x: 200, y: 100, width: 5, height: 5 };
  assert.ok(Math.abs(similarity(cut(tiny), cut(tiny)) - 1) < 1e-9);
});
