/** The frames of the sample scenes. */
import assert from "node:assert/strict";
import type { Frame } from "../image/frame.ts";
import { SCENE_NAMES, sceneCamera } from "./sample_scene.ts";

const never = new AbortController().signal;

function pixelsOf({ pixels }: Frame): Uint8Array {
  assert.ok(pixels.kind === "rgb24");
  return pixels.rgb;
}

for (const name of SCENE_NAMES) {
  Deno.test(`people enter the empty scene "${name}", and leave it`, async () => {
    const camera = sceneCamera(name, { frameMs: 500, realtime: false, repeat: false });
    const frames = await Array.fromAsync(camera.frames({ signal: never }));
    assert.ok(frames.every(({ width, height }) => width === 640 && height === 480));
    assert.deepEqual(frames.map((frame) => frame.sourceTimeMs), frames.map((_, index) => index * 500));
    const empty = pixelsOf(frames[0]);
    const isEmpty = frames.map((frame) => pixelsOf(frame).every((value, at) => value === empty[at]));
    const changes = isEmpty.filter((value, at) => at > 0 && value !== isEmpty[at - 1]).length;
    assert.equal(changes, 4, "twice somebody comes, and the scene is empty in between");
    assert.ok(isEmpty.at(-1));
  });
}

Deno.test("a scene starts its next round with `repeat`, and ends with the signal", async () => {
  const camera = sceneCamera("front", { frameMs: 2_000, realtime: false, repeat: true });
  const stop = new AbortController();
  const frames: Frame[] = [];
  for await (const frame of camera.frames(stop)) if (frames.push(frame) === 15) stop.abort();
  assert.equal(frames.length, 15);
  assert.deepEqual(pixelsOf(frames[12]), pixelsOf(frames[2]), "a round of 20 s has ten frames");
  assert.equal(frames[12].sourceTimeMs, 24_000);
});

Deno.test("a scene is live in real time only", () => {
  const how = { frameMs: 100, repeat: true };
  assert.equal(sceneCamera("yard", { ...how, realtime: true }).live, true);
  assert.equal(sceneCamera("yard", { ...how, realtime: false }).live, false);
});
