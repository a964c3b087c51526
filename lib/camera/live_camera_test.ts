/** Live cameras: reopening, and source times. */
import assert from "node:assert/strict";
import { FatalError } from "../errors.ts";
import type { Frame } from "../image/frame.ts";
import type { CameraChange } from "./camera.ts";
import { atArrivalTime, liveCamera } from "./live_camera.ts";

const FRAME: Frame = {
  width: 1,
  height: 1,
  pixels: { kind: "rgb24", rgb: new Uint8Array(3) },
  capturedMs: 0,
  sourceTimeMs: 0,
};
const wait = () => Promise.resolve();

/** A source that gives `counts[n]` frames at its n-th opening, then ends or fails. */
function source(...counts: (number | Error)[]) {
  let opened = 0;
  return {
    name: "door",
    async *frames() {
      const count = counts[opened++] ?? 0;
      if (count instanceof Error) throw count;
      for (let frame = 0; frame < count; frame++) yield FRAME;
    },
  };
}

Deno.test("a live camera is reopened after each loss, and reports each failed attempt", async () => {
  const stop = new AbortController();
  const changes: CameraChange[] = [];
  const camera = liveCamera(source(2, 0, new Error("unplugged"), 1), {
    wait,
    onChange: (change) => changes.push(change),
  });
  let frames = 0;
  for await (const _ of camera.frames(stop)) if (++frames === 3) stop.abort();
  assert.equal(frames, 3);
  assert.deepEqual(changes, [
    { lost: true, reason: "the stream ended" },
    { lost: true, reason: "the stream ended" },
    { lost: true, reason: "unplugged" },
    { lost: false },
  ]);
});

Deno.test("a live camera without a first frame is an error", async () => {
  const { signal } = new AbortController();
  const read = (counts: number | Error) =>
    Array.fromAsync(liveCamera(source(counts), { wait }).frames({ signal }));
  await assert.rejects(
    read(0),
    (error) => error instanceof FatalError && /without a frame/.test(error.message),
  );
  await assert.rejects(read(new Error("unplugged")), /unplugged/);
});

Deno.test("the source time of a live frame is the time of its arrival", async () => {
  const timesMs = [100, 140, 1_000];
  const frames = atArrivalTime(source(3).frames(), { nowMs: () => timesMs.shift()! });
  assert.deepEqual((await Array.fromAsync(frames)).map(({ sourceTimeMs }) => sourceTimeMs), [
    100,
    140,
    1_000,
  ]);
});
