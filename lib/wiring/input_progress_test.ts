/** The progress in a clip and in a folder of pictures. */
import assert from "node:assert/strict";
import type { Camera, Extent } from "../camera/camera.ts";
import { InputProgress } from "./input_progress.ts";

/** A progress in an input of this length, and its clock. */
function progressIn(extent: Extent | undefined) {
  const time = { ms: 500 };
  const progress = new InputProgress(() => time.ms);
  progress.begin({ name: "/srv/clips/street.mp4", live: false, extent: () => extent } as unknown as Camera);
  return { progress, time };
}

Deno.test("a clip is done by the times of its frames, which need not begin at 0", () => {
  const { progress, time } = progressIn({ durationMs: 10_000 });
  assert.equal(progress.done, undefined);
  progress.passed({ sourceTimeMs: 2_000 });
  assert.deepEqual(progress.done, { fraction: 0 });
  time.ms += 2_000;
  progress.passed({ sourceTimeMs: 4_000 });
  assert.deepEqual([progress.done, progress.seconds, progress.name], [
    { fraction: 0.2, secondsLeft: 8 },
    2,
    "street.mp4",
  ]);
});

Deno.test("pictures are done by their number, and never more than all", () => {
  const { progress, time } = progressIn({ frames: 2 });
  for (let frame = 0; frame < 3; frame++) progress.passed({ sourceTimeMs: 0 });
  time.ms += 5_000;
  assert.deepEqual(progress.done, { fraction: 1, secondsLeft: 0 });
});

Deno.test("an input whose length nobody states has no progress", () => {
  for (const extent of [undefined, { durationMs: 0 }, { durationMs: NaN }, { frames: 0 }]) {
    const { progress } = progressIn(extent);
    progress.passed({ sourceTimeMs: 0 });
    assert.equal(progress.done, undefined);
  }
});
