/** The regions of a frame with motion. */
import assert from "node:assert/strict";
import type { Box, Frame } from "../image/frame.ts";
import { Motion } from "./motion.ts";

/** A gray frame; `paint` changes its luma. */
function frame(paint: (y: Uint8Array, width: number) => void = () => {}, width = 320, height = 240): Frame {
  const y = new Uint8Array(width * height).fill(100);
  paint(y, width);
  const chroma = new Uint8Array(width * height / 4).fill(128);
  return {
    width,
    height,
    capturedMs: 0,
    sourceTimeMs: 0,
    pixels: { kind: "yuv420", y, u: chroma, v: chroma, fullRange: false },
  };
}

const filled = (box: Box, value: number) => (y: Uint8Array, width: number) => {
  for (let row = box.y; row < box.y + box.height; row++) {
    y.fill(value, row * width + box.x, row * width + box.x + box.width);
  }
};

function noise(amplitude: number, seed: number) {
  return (y: Uint8Array) => {
    for (let at = 0; at < y.length; at++) {
      seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff;
      y[at] += Math.round(((seed >> 8) % 1000 / 1000 - 0.5) * 2 * amplitude);
    }
  };
}

const covers = (outer: Box, inner: Box) =>
  outer.x <= inner.x && outer.y <= inner.y && outer.x + outer.width >= inner.x + inner.width &&
  outer.y + outer.height >= inner.y + inner.height;

Deno.test("things that appear and disappear are motion, each with its own box", () => {
  const motion = new Motion();
  const [left, right] = [{ x: 40, y: 48, width: 32, height: 40 }, { x: 200, y: 120, width: 40, height: 24 }];
  assert.deepEqual(motion.update(frame()), []);
  assert.deepEqual(motion.update(frame()), []);
  const came = motion.update(frame((y, width) => [left, right].forEach((box) => filled(box, 180)(y, width))));
  assert.equal(came.length, 2);
  assert.ok(covers(came[0], left) && covers(came[1], right));
  assert.ok(came.every(({ width, height }) => width <= 48 && height <= 48), "with little around them");
  assert.deepEqual(motion.update(frame(filled(right, 180))).map((box) => covers(box, left)), [true]);
});

Deno.test("a camera's noise is not motion", () => {
  const motion = new Motion();
  for (let seed = 1; seed < 50; seed++) assert.deepEqual(motion.update(frame(noise(12, seed))), []);
});

Deno.test("a slow change is motion once it has added up", () => {
  const motion = new Motion();
  const moved: number[] = [];
  const box = { x: 80, y: 80, width: 32, height: 32 };
  for (let value = 100; value < 120; value++) {
    if (motion.update(frame(filled(box, value))).length > 0) moved.push(value);
  }
  assert.deepEqual(moved, [106, 112, 118]);
});

Deno.test("a single flickering cell is not motion, and a new frame size starts a new comparison", () => {
  const motion = new Motion();
  motion.update(frame());
  assert.deepEqual(motion.update(frame(filled({ x: 80, y: 80, width: 8, height: 8 }, 200))), []);
  assert.deepEqual(motion.update(frame(() => {}, 640, 480)), []);
  assert.equal(motion.update(frame(filled({ x: 0, y: 0, width: 640, height: 480 }, 90), 640, 480)).length, 1);
});

Deno.test("frames of any size are compared, from 2x2 pixels to 4K", () => {
  for (const [width, height] of [[2, 2], [10, 6], [1920, 1080], [3840, 2160]]) {
    const motion = new Motion();
    motion.update(frame(() => {}, width, height));
    const boxes = motion.update(frame((y) => y.fill(200), width, height));
    if (width > 10) assert.ok(boxes.length === 1 && boxes[0].width > 0.9 * width, `${width}x${height}`);
  }
});
