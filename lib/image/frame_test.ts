import assert from "node:assert/strict";
import { type Frame, grayPlane } from "./frame.ts";

const yuv = (y: number[], fullRange: boolean): Frame => ({
  width: y.length,
  height: 1,
  capturedMs: 0,
  atMs: 0,
  pixels: {
    kind: "yuv420",
    y: Uint8Array.from(y),
    u: new Uint8Array((y.length + 1) >> 1),
    v: new Uint8Array((y.length + 1) >> 1),
    fullRange,
  },
});

Deno.test("grayPlane() stretches video luma to full range and cuts off what lies outside", () => {
  const gray = grayPlane(yuv([0, 15, 16, 17, 126, 234, 235, 236, 255], false));
  assert.deepEqual([...gray], [0, 0, 0, 1, 128, 254, 255, 255, 255]);
});

Deno.test("grayPlane() of a full-range frame is its luma, in an array of its own", () => {
  const frame = yuv([0, 16, 255], true);
  const gray = grayPlane(frame);
  assert.deepEqual([...gray], [0, 16, 255]);
  gray[0] = 99; // It is handed over to a detector, while the frame is still needed for the crop.
  assert.deepEqual([...grayPlane(frame)], [0, 16, 255]);
});

Deno.test("grayPlane() weighs colours as OpenCV's COLOR_RGB2GRAY does", () => {
  const colours = [[255, 255, 255], [255, 0, 0], [0, 255, 0], [0, 0, 255], [12, 200, 77]];
  const rgb = Uint8Array.from(colours.flat());
  const gray = grayPlane({
    width: colours.length,
    height: 1,
    capturedMs: 0,
    atMs: 0,
    pixels: { kind: "rgb24", rgb },
  });
  assert.deepEqual([...gray], [255, 76, 150, 29, 130]);
});
