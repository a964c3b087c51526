/** One run of ffmpeg. */
import assert from "node:assert/strict";
import { needs } from "../../test/needs.ts";
import { TempFolder } from "../testing/temp_folder.ts";
import { FatalError } from "../errors.ts";
import { ffmpegFrames } from "./ffmpeg_process.ts";

const TEN_FRAMES = {
  name: "test",
  inputArgs: ["-f", "lavfi", "-i", "testsrc=size=64x48:rate=10:duration=1"],
  filters: [],
  stallMs: 0,
};

Deno.test("an aborted signal gives no frame", needs("ffmpeg"), async () => {
  const count = async (signal: AbortSignal) =>
    (await Array.fromAsync(ffmpegFrames(TEN_FRAMES, { signal }))).length;
  assert.equal(await count(new AbortController().signal), 10);
  assert.equal(await count(AbortSignal.abort()), 0);
});

Deno.test("the reason of a failure does not depend on the name of the source", needs("ffmpeg"), async () => {
  using folder = new TempFolder();
  for (const name of ["a", "data", "401", "Forbidden"]) {
    const inputArgs = ["-i", `file:${folder.write(name, "not a clip at all")}`];
    const { signal } = new AbortController();
    await assert.rejects(
      Array.fromAsync(ffmpegFrames({ ...TEN_FRAMES, name, inputArgs }, { signal })),
      (error) => error instanceof FatalError && error.message.startsWith(`"${name}" is neither a video`),
    );
  }
});

Deno.test("a run ends with ffmpeg, also while its input has nothing to send", needs("ffmpeg"), async () => {
  const stdin = () =>
    new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array(5_000)) });
  const input = { ...TEN_FRAMES, inputArgs: ["-f", "matroska", "-i", "pipe:0"], stdin };
  const { signal } = new AbortController();
  await assert.rejects(Array.fromAsync(ffmpegFrames(input, { signal })), FatalError);
});
