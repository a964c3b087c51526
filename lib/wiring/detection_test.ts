/** Which settings belong to which engine, and the names of engines. */
import assert from "node:assert/strict";
import type { Camera } from "../camera/camera.ts";
import { ConfigError } from "../errors.ts";
import { readSettings } from "../settings/read.ts";
import { DETECTION_SETTINGS, startDetection } from "./detection.ts";
import { SELECTION_SETTINGS } from "./selection.ts";

const CAMERA: Camera = { name: "x", live: false, frames: async function* () {} };

function started(...args: string[]) {
  const declared = { ...DETECTION_SETTINGS, minWeight: SELECTION_SETTINGS.minWeight };
  return startDetection(readSettings("detector", declared, { args, env: {} }), CAMERA);
}

Deno.test("a setting that the engine does not use is refused, with a hint", async () => {
  const cases = [
    [
      ["--engine", "yunet", "--scale-factor", "1.3"],
      "--engine yunet does not use --scale-factor",
      "haar or opencv",
    ],
    [
      ["--engine", "yunet", "--min-neighbors", "5"],
      "--engine yunet does not use --min-neighbors",
      "haar or opencv",
    ],
    [["--engine", "yunet", "--cascade", "x.xml"], "--engine yunet does not use --cascade", "haar or opencv"],
    [["--min-score", "0.5"], "--engine haar does not use --min-score", "yunet"],
    [["--engine", "opencv", "--input-scale", "1/2"], "--engine opencv does not use --input-scale", "yunet"],
    [["--engine", "yunet", "--min-weight", "3"], "--engine yunet does not use --min-weight", "haar"],
    [["--engine", "opencv", "--min-weight", "3"], "--engine opencv does not use --min-weight", "haar"],
  ] as const;
  for (const [args, message, engines] of cases) {
    await assert.rejects(started(...args), (error: ConfigError) => {
      assert.ok(error instanceof ConfigError);
      assert.equal(error.message, message);
      assert.equal(error.hint, `remove ${args.at(-2)}, or set --engine ${engines}`);
      return true;
    });
  }
});

Deno.test("--max-size below --min-size is refused with every engine", async () => {
  for (const engine of ["haar", "opencv", "yunet"]) {
    const start = started("--engine", engine, "--min-size", "50", "--max-size", "40");
    await assert.rejects(start, /--max-size 40 is smaller than --min-size 50/);
  }
});

Deno.test("the former name haarlem is the engine haar", () => {
  const { engine } = readSettings("detector", DETECTION_SETTINGS, { args: ["--engine", "haarlem"], env: {} });
  assert.equal(engine, "haar");
});

Deno.test("the metadata of a face says what was searched with", async () => {
  const metadataOf = async (...args: string[]) => {
    const { detector, metadata } = await started(...args);
    await detector[Symbol.asyncDispose]();
    return metadata;
  };
  assert.deepEqual(await metadataOf(), {
    cascade: "haarcascade_frontalface_default.xml",
    settings: { scaleFactor: 1.3, minNeighbors: 5, minSize: 0, maxSize: 0 },
  });
  assert.deepEqual(await metadataOf("--engine", "yunet", "--min-size", "50"), {
    model: "face_detection_yunet_2023mar",
    settings: { minScore: 0.7, minSize: 50, maxSize: 0 },
  });
});

Deno.test("frames may be smaller where the camera can make them so and nothing needs every pixel", async () => {
  const reductionOf = async (mayReduce: boolean, ...args: string[]) => {
    const declared = { ...DETECTION_SETTINGS, ...SELECTION_SETTINGS };
    const settings = readSettings("detector", declared, { args, env: {} });
    const { detector, smallest, metadata } = await startDetection(settings, {
      ...CAMERA,
      live: true,
      mayReduce,
    });
    await detector[Symbol.asyncDispose]();
    assert.equal(smallest.width, settings.minSize, "in pixels of the camera's picture");
    assert.equal(metadata.settings.minSize, settings.minSize);
    return detector.reduction;
  };
  const size = ["--min-size", "50"];
  assert.equal(await reductionOf(true, ...size), 2);
  assert.equal(await reductionOf(false, ...size), 1);
  assert.equal(await reductionOf(true, ...size, "--faces", "every"), 1);
  assert.equal(await reductionOf(true, ...size, "--eyes", "on"), 1);
  assert.equal(await reductionOf(true, ...size, "--engine", "yunet"), 2);
});
