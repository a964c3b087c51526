import assert from "node:assert/strict";
import { needs } from "../../test/needs.ts";
import { ffmpegFrames } from "./ffmpeg_process.ts";

const TEN_FRAMES = {
  name: "test",
  inputArgs: ["-f", "lavfi", "-i", "testsrc=size=64x48:rate=10:duration=1"],
  filters: [],
  stallMs: 0,
};

Deno.test("told to stop before it begins, it gives no frame", needs("ffmpeg"), async () => {
  const count = async (signal: AbortSignal) =>
    (await Array.fromAsync(ffmpegFrames(TEN_FRAMES, { signal }))).length;
  assert.equal(await count(new AbortController().signal), 10);
  assert.equal(await count(AbortSignal.abort()), 0);
});
