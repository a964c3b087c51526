/** The looks of people, and their differences. */
import assert from "node:assert/strict";
import type { Frame } from "../image/frame.ts";
import { asGray, framePainted, type Light, type PaintedPerson } from "../testing/people.ts";
import { looksIn, squareOf } from "./looks.ts";
import { difference, VisitLooks } from "./same_looks.ts";

const FACE = { x: 120, y: 60, width: 60, height: 60 };
const IN_RED: PaintedPerson = {
  face: FACE,
  hair: [50, 35, 30],
  skin: [200, 150, 130],
  clothes: [170, 40, 50],
};
const IN_BLUE: PaintedPerson = { ...IN_RED, hair: [120, 90, 50], clothes: [40, 60, 150] };

const looksAt = (frame: Frame, box = FACE) => looksIn(frame)(box);
const looksOf = (person: PaintedPerson, light?: Light) => looksAt(framePainted([person], { light }));
const at = (person: PaintedPerson, x: number, y: number, side: number): PaintedPerson => ({
  ...person,
  face: { x, y, width: side, height: side },
});

Deno.test("a person in another place, at another size, in a slightly different box and in another light is one person", () => {
  const known = looksOf(IN_RED);
  const elsewhere = at(IN_RED, 40, 90, 44);
  assert.ok(difference(known, known) < 0.01);
  assert.ok(difference(known, looksAt(framePainted([elsewhere]), elsewhere.face)) <= 1);
  assert.ok(
    difference(known, looksAt(framePainted([IN_RED]), { x: 117, y: 62, width: 64, height: 64 })) <= 1,
  );
  for (const light of [[0.7, 0.7, 0.7], [1.25, 1.25, 1.25], [1.12, 1, 0.88], [0.88, 1, 1.12]] as const) {
    assert.ok(difference(known, looksOf(IN_RED, light)) <= 1, `${light}`);
  }
});

Deno.test("people who wear other colours are two people, also in each other's light", () => {
  assert.ok(difference(looksOf(IN_RED), looksOf(IN_BLUE)) > 1);
  assert.ok(difference(looksOf(IN_RED, [0.7, 0.7, 0.7]), looksOf(IN_BLUE, [1.2, 1.2, 1.2])) > 1);
});

Deno.test("the looks of YUV are those of RGB", () => {
  const frame = framePainted([IN_RED]);
  const gray = asGray(frame);
  assert.ok(frame.pixels.kind === "rgb24" && gray.pixels.kind === "yuv420");
  const [u, v] = [gray.pixels.u.slice(), gray.pixels.v.slice()];
  for (let place = 0; place < u.length; place++) {
    const pixel = Math.floor(place / 160) * 2 * 320 + place % 160 * 2;
    u[place] = 128 + (frame.pixels.rgb[pixel * 3 + 2] - gray.pixels.y[pixel]) / 1.772;
    v[place] = 128 + (frame.pixels.rgb[pixel * 3] - gray.pixels.y[pixel]) / 1.402;
  }
  const yuv = looksAt({ ...gray, pixels: { ...gray.pixels, u, v } });
  assert.ok(yuv.hasColour);
  assert.ok(difference(looksAt(frame), yuv) < 0.3, `${difference(looksAt(frame), yuv)}`);
});

Deno.test("a gray camera has no colours, and tells people apart by brightness", () => {
  const gray = (person: PaintedPerson, light?: Light) => looksAt(asGray(framePainted([person], { light })));
  const inWhite: PaintedPerson = { ...IN_RED, clothes: [230, 230, 225], hair: [190, 180, 160] };
  assert.ok(!gray(IN_RED).hasColour && looksOf(IN_RED).hasColour);
  assert.ok(difference(gray(IN_RED), gray(IN_RED, [0.8, 0.8, 0.8])) <= 1);
  assert.ok(difference(gray(IN_RED), gray(inWhite)) > 1);
});

Deno.test("a tint of the whole picture is no colour", () => {
  const { pixels, ...frame } = asGray(framePainted([IN_RED]));
  assert.ok(pixels.kind === "yuv420");
  // As an infrared lamp does it: every pixel is multiplied alike.
  const tinted = { ...frame, pixels: { kind: "rgb24" as const, rgb: new Uint8Array(320 * 240 * 3) } };
  pixels.y.forEach((luma, at) => tinted.pixels.rgb.set([luma, luma * 0.8, luma * 0.9], at * 3));
  assert.ok(!looksAt(tinted).hasColour);
});

Deno.test("clothes count when at least 15 % of them are inside the frame; else head and face are compared", () => {
  const seen = (height: number) => looksAt(framePainted([IN_RED], { height })).clothes !== undefined;
  // The clothes reach from 1.3 to 2.1 sides below the top of the face: from row 138 to row 186.
  assert.ok(seen(186) && seen(146));
  assert.ok(!seen(144) && !seen(130));
  const head = (person: PaintedPerson) => looksAt(framePainted([person], { height: 130 }));
  assert.ok(difference(head(IN_RED), head(IN_RED)) < 0.01);
  assert.ok(difference(head(IN_RED), head({ ...IN_RED, hair: [220, 190, 120], skin: [150, 100, 70] })) > 1);
});

Deno.test("a frame without any light and a face beside the frame have looks", () => {
  const dark = looksOf(IN_RED, [0, 0, 0]);
  assert.ok(!dark.hasColour && Number.isFinite(difference(dark, looksOf(IN_RED))));
  const beside = looksAt(framePainted([IN_RED]), { x: 310, y: 230, width: 60, height: 60 });
  assert.ok(Number.isFinite(difference(beside, looksOf(IN_RED))));
});

Deno.test("squareOf() makes a network's box a cascade's square, and leaves the cascade's own box", () => {
  assert.deepEqual(squareOf({ ...FACE, neighbors: 9 }), FACE);
  const { x, y, width, height } = squareOf({
    x: 100,
    y: 100,
    width: 40,
    height: 60,
    score: 0.9,
    landmarks: [],
  });
  assert.deepEqual([width, height, x + width / 2], [54, 54, 120]);
  assert.ok(y + height / 2 < 130);
});

Deno.test("a visit's looks are near to its last look and to its mean", () => {
  const [red, blue] = [looksOf(IN_RED), looksOf(IN_BLUE)];
  const visit = new VisitLooks(red);
  assert.ok(visit.differenceFrom(blue) > 1);
  visit.update(blue);
  assert.ok(visit.differenceFrom(blue) < 0.01, "the last look");
  assert.ok(visit.differenceFrom(red) < 1, "the mean");
});
