/** The check for eyes in a face. */
import assert from "node:assert/strict";
import { crop, withMargin } from "../image/crop.ts";
import type { Box } from "../image/frame.ts";
import { decodePng } from "../image/png.ts";
import { EyeCheck } from "./eye_check.ts";
import { cascadeFile } from "../haar/shipped_cascade.ts";

const cascade = await Deno.readFile(cascadeFile("haarcascade_eye.xml"));
const portrait = decodePng(await Deno.readFile(new URL("../camera/sample/astronaut.png", import.meta.url)));
const FACE: Box = { x: 176, y: 66, width: 95, height: 95 };

function cut(box: Box, margin: number) {
  const where = withMargin(box, margin, portrait);
  const pixels = { kind: "rgb24", rgb: portrait.rgb } as const;
  return { picture: crop({ ...portrait, pixels, capturedMs: 0, sourceTimeMs: 0 }, where), box, crop: where };
}

Deno.test("an eye is found in a face, with any margin and in a tight box", () => {
  const check = new EyeCheck(cascade);
  for (const margin of [0, 0.2, 5]) assert.ok(check.hasEye(cut(FACE, margin)), `margin ${margin}`);
  assert.ok(check.hasEye(cut({ x: 184, y: 74, width: 80, height: 80 }, 0.2)));
});

Deno.test("no eye is found below the eyes, in a sleeve, in a corner and in one pixel", () => {
  const check = new EyeCheck(cascade);
  const others: Box[] = [
    { ...FACE, y: 130 },
    { x: 60, y: 380, width: 120, height: 120 },
    { x: 0, y: 0, width: 95, height: 95 },
    { x: 511, y: 511, width: 1, height: 1 },
  ];
  for (const box of others) assert.ok(!check.hasEye(cut(box, 0.2)), JSON.stringify(box));
});
