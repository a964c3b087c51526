import assert from "node:assert/strict";
import { needs } from "../../test/needs.ts";
import { FatalError } from "../errors.ts";
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

Deno.test("why a source cannot be read is told, whatever it is called", needs("ffmpeg"), async () => {
  const folder = await Deno.makeTempDir();
  try {
    for (const file of ["a", "data", "401", "Forbidden"]) {
      await Deno.writeTextFile(`${folder}/${file}`, "not a clip at all");
      const input = { ...TEN_FRAMES, name: file, inputArgs: ["-i", `file:${folder}/${file}`] };
      const { signal } = new AbortController();
      await assert.rejects(
        Array.fromAsync(ffmpegFrames(input, { signal })),
        (error) => error instanceof FatalError && error.message.startsWith(`"${file}" is neither a video`),
      );
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
