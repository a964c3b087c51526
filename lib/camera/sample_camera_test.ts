/** The sample's frames. */
import assert from "node:assert/strict";
import type { Frame } from "../image/frame.ts";
import { sampleCamera } from "./sample_camera.ts";

const never = new AbortController().signal;
const WALL = 128;

/** The number of columns of a frame that are not all wall, and the first of them. */
function portrait({ width, height, pixels }: Frame): { from: number; columns: number } {
  assert.ok(pixels.kind === "rgb24");
  const { rgb } = pixels;
  const isWall = (x: number) => {
    for (let y = 0; y < height; y++) if (rgb[(y * width + x) * 3] !== WALL) return false;
    return true;
  };
  const shown = Array.from({ length: width }, (_, x) => x).filter((x) => !isWall(x));
  return { from: shown[0] ?? width, columns: shown.length };
}

Deno.test("the portrait moves from right to left through frames of one size", async () => {
  const frames = await Array.fromAsync(
    sampleCamera({ intervalMs: 0, repeat: false }).frames({ signal: never }),
  );
  assert.ok(frames.every(({ width, height }) => width === 640 && height === 480));
  const seen = frames.map(portrait);
  assert.equal(seen[0].columns, 0);
  assert.deepEqual(seen[1], { from: 608, columns: 32 });
  assert.equal(seen.at(-1)!.from, 0);
  assert.ok(seen.at(-1)!.columns <= 32, "the portrait has left except for its last step");
  assert.ok(seen.some(({ columns }) => columns > 400), "the whole portrait is visible in between");
});

Deno.test("with `repeat` the sample restarts until the abort", async () => {
  const camera = sampleCamera({ intervalMs: 0, repeat: true });
  const stop = new AbortController();
  let entrances = 0;
  let frames = 0;
  for await (const frame of camera.frames(stop)) {
    if (portrait(frame).columns === 0 && frames > 0 && ++entrances === 2) stop.abort();
    frames++;
  }
  assert.equal(entrances, 2);
});

Deno.test("the sample is live only with an interval", () => {
  assert.equal(sampleCamera({ intervalMs: 250, repeat: true }).live, true);
  assert.equal(sampleCamera({ intervalMs: 0, repeat: true }).live, false);
});
