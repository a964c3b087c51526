/** How much smaller the frames of an engine may be. */
import assert from "node:assert/strict";
import { readSettings } from "../../settings/read.ts";
import { TempFolder } from "../../testing/temp_folder.ts";
import { DETECTION_SETTINGS } from "../../wiring/detection.ts";
import { loadEngine } from "../engines.ts";

/** The reduction, and what the smallest and largest face are in smaller frames. */
async function reduced(...args: string[]) {
  const settings = readSettings("detector", DETECTION_SETTINGS, { args, env: {} });
  const { reduction, settings: used } = await (await loadEngine(settings.engine)).reduce!(settings);
  const { minSize, maxSize, inputScale } = used as typeof settings;
  return [reduction, minSize, maxSize, ...inputScale === undefined ? [] : [inputScale]];
}

Deno.test("frames of a cascade may be smaller as long as its window fits into the smallest face", async () => {
  const haar = (...args: string[]) => reduced("--engine", "haar", ...args);
  // Its sizes stay those of the whole picture.
  assert.deepEqual(await haar(), [1, 0, 0]);
  assert.deepEqual(await haar("--min-size", "47"), [1, 47, 0]);
  assert.deepEqual(await haar("--min-size", "48", "--max-size", "301"), [2, 48, 301]);
  assert.deepEqual(await haar("--min-size", "95"), [2, 95, 0]);
  assert.deepEqual(await haar("--min-size", "96"), [4, 96, 0]);
  const opencv = (...args: string[]) => reduced("--engine", "opencv", ...args);
  assert.deepEqual(await opencv("--min-size", "95"), [1, 95, 0]);
  assert.deepEqual(await opencv("--min-size", "96", "--max-size", "301"), [2, 48, 151]);
  assert.deepEqual(await opencv("--min-size", "191"), [2, 96, 0]);
  assert.deepEqual(await opencv("--min-size", "192"), [4, 48, 0]);
  using folder = new TempFolder();
  const cascade = folder.write("wide.xml", "<cascade><height>12</height><width>30</width></cascade>");
  const wide = (minSize: number) =>
    reduced("--engine", "opencv", "--cascade", cascade, "--min-size", `${minSize}`);
  assert.deepEqual(await wide(119), [1, 119, 0]);
  assert.deepEqual(await wide(120), [2, 60, 0]);
});

Deno.test("frames of the network may be smaller by its own input scale", async () => {
  const of = (...args: string[]) => reduced("--engine", "yunet", ...args);
  assert.deepEqual(await of(), [1, 0, 0, "1"]);
  assert.deepEqual(await of("--min-size", "47"), [1, 47, 0, "1"]);
  assert.deepEqual(await of("--min-size", "48"), [2, 24, 0, "1"]);
  assert.deepEqual(await of("--min-size", "96"), [4, 24, 0, "1"]);
  assert.deepEqual(await of("--min-size", "200"), [4, 50, 0, "auto"]);
  assert.deepEqual(await of("--input-scale", "1/2"), [2, 0, 0, "1"]);
  assert.deepEqual(await of("--input-scale", "1", "--min-size", "96"), [1, 96, 0, "1"]);
});
