/** Frames: gray planes and colours from their pixel formats. */
import assert from "node:assert/strict";
import { brightnessOf, type Frame, fullRange, grayPlane } from "./frame.ts";

const yuv = (y: number[], fullRange: boolean): Frame => ({
  width: y.length,
  height: 1,
  capturedMs: 0,
  sourceTimeMs: 0,
  pixels: {
    kind: "yuv420",
    y: Uint8Array.from(y),
    u: new Uint8Array((y.length + 1) >> 1),
    v: new Uint8Array((y.length + 1) >> 1),
    fullRange,
  },
});

Deno.test("grayPlane() stretches limited-range luma to full range and clamps", () => {
  const gray = grayPlane(yuv([0, 15, 16, 17, 126, 234, 235, 236, 255], false));
  assert.deepEqual([...gray], [0, 0, 0, 1, 128, 254, 255, 255, 255]);
});

Deno.test("grayPlane() of a full-range frame is a copy of its luma", () => {
  const frame = yuv([0, 16, 255], true);
  const gray = grayPlane(frame);
  assert.deepEqual([...gray], [0, 16, 255]);
  gray[0] = 99; // The crop still needs the frame.
  assert.deepEqual([...grayPlane(frame)], [0, 16, 255]);
});

Deno.test("grayPlane() weights colours as OpenCV's COLOR_RGB2GRAY does", () => {
  const colours = [[255, 255, 255], [255, 0, 0], [0, 255, 0], [0, 0, 255], [12, 200, 77]];
  const rgb = Uint8Array.from(colours.flat());
  const gray = grayPlane({
    width: colours.length,
    height: 1,
    capturedMs: 0,
    sourceTimeMs: 0,
    pixels: { kind: "rgb24", rgb },
  });
  assert.deepEqual([...gray], [255, 76, 150, 29, 130]);
});

Deno.test("brightnessOf() in full range is the gray plane, and luma is not copied", () => {
  const every = Array.from({ length: 256 }, (_, luma) => luma);
  for (const isFull of [true, false]) {
    const frame = yuv(every, isFull);
    const plane = brightnessOf(frame);
    assert.equal(plane.gray, (frame.pixels as { y: Uint8Array }).y);
    assert.deepEqual(fullRange(plane), grayPlane(frame));
  }
  const rgb = {
    ...yuv([], true),
    width: 2,
    pixels: { kind: "rgb24", rgb: Uint8Array.of(9, 90, 200, 1, 2, 3) },
  } as const;
  assert.deepEqual(fullRange(brightnessOf(rgb)), grayPlane(rgb));
});
