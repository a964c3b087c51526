import assert from "node:assert/strict";
import type { Frame } from "../image/frame.ts";
import { sampleCamera } from "./sample_camera.ts";

const never = new AbortController().signal;
const WALL = 128;

/** How many columns of a frame are not wall, and where they begin. */
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

Deno.test("the sample walks in on the right and out on the left, in frames of one size", async () => {
  const frames = await Array.fromAsync(
    sampleCamera({ intervalMs: 0, repeat: false }).frames({ signal: never }),
  );
  assert.ok(frames.every(({ width, height }) => width === 640 && height === 480));
  const seen = frames.map(portrait);
  assert.equal(seen[0].columns, 0);
  assert.deepEqual(seen[1], { from: 608, columns: 32 });
  assert.equal(seen.at(-1)!.from, 0);
  assert.ok(seen.at(-1)!.columns <= 32, "all but the last step has gone");
  assert.ok(seen.some(({ columns }) => columns > 400), "the whole of it is seen in between");
});

Deno.test("the sample begins again when it is to be repeated, until the abort", async () => {
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

Deno.test("the sample is live only when it keeps a pace", () => {
  assert.equal(sampleCamera({ intervalMs: 250, repeat: true }).live, true);
  assert.equal(sampleCamera({ intervalMs: 0, repeat: true }).live, false);
});
