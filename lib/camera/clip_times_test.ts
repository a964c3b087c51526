/** The source times of a clip's frames are its timestamps. */
import assert from "node:assert/strict";
import { needs } from "../../test/needs.ts";
import { run } from "../testing/command.ts";
import { TempFolder } from "../testing/temp_folder.ts";
import { ffmpegDialect } from "./ffmpeg_version.ts";
import { openCamera, type SourceOptions } from "./open_camera.ts";
import { ONCE } from "../testing/source_options.ts";

const never = new AbortController().signal;

/** A clip with frames at 0 to 0.9 s and 10 to 10.9 s (ten per second), and at 1 to 9 s (one per second). */
async function makeClip(path: string): Promise<void> {
  const thin = "select='lt(t,1)+gte(t,9.99)+not(mod(n,10))'";
  const args = `-v error -f lavfi -i testsrc=size=64x48:rate=10:duration=11 -vf ${thin}`.split(" ");
  await run("ffmpeg", [...args, ...(await ffmpegDialect()).passthrough, "-c:v", "mpeg4", path]);
}

async function times(path: string, options: Partial<SourceOptions> = {}): Promise<number[]> {
  const found: number[] = [];
  const camera = await openCamera(path, { ...ONCE, ...options });
  for await (const { sourceTimeMs } of camera.frames({ signal: never })) {
    if (found.push(Math.round(sourceTimeMs)) >= 60) break;
  }
  return found;
}

Deno.test(
  "the source times of a clip are its timestamps, with --rate and when it is repeated",
  needs("ffmpeg"),
  async () => {
    using folder = new TempFolder();
    const path = folder.at("door.mp4");
    await makeClip(path);
    const tenths = (fromMs: number) => Array.from({ length: 10 }, (_, index) => fromMs + index * 100);
    const seconds = Array.from({ length: 9 }, (_, index) => 1_000 * (index + 1));
    const expected = [...tenths(0), ...seconds, ...tenths(10_000)];
    assert.deepEqual(await times(path), expected);
    const thinned = await times(path, { rate: 2 });
    assert.deepEqual(thinned.slice(0, 4), [0, 500, 1_000, 1_500], "--rate drops or repeats frames");
    const again = await times(path, { repeat: true });
    // ffmpeg 3.4 omits the last frame of each repetition.
    assert.deepEqual(again.slice(0, 28), expected.slice(0, 28), "the first repetition");
    assert.ok(
      again.slice(28).every((sourceTimeMs, index) => sourceTimeMs >= again[index + 27]),
      "the next repetition continues from the end",
    );
    assert.equal(again[32] - again[31], 100);
  },
);
