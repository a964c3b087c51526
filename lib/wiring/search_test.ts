/** The search of a camera's frames: pictures that are too small, and which frames are needed. */
import assert from "node:assert/strict";
import type { FrameOptions } from "../camera/camera.ts";
import type { FaceDetector } from "../detection/engine.ts";
import { ScaledDetector } from "../detection/scaled_detector.ts";
import { FatalError } from "../errors.ts";
import { Health } from "../health/health.ts";
import type { Frame } from "../image/frame.ts";
import { readSettings } from "../settings/read.ts";
import { SOURCE_SETTINGS } from "./camera.ts";
import { DETECTION_SETTINGS } from "./detection.ts";
import { addSearchMetrics, framesGiven, searchable, searchFrames } from "./search.ts";
import { SELECTION_SETTINGS } from "./selection.ts";

const frame = (width: number, height = width): Frame => ({
  width,
  height,
  pixels: { kind: "rgb24", rgb: new Uint8Array(width * height * 3) },
  capturedMs: 0,
  sourceTimeMs: 0,
});

async function* framesOf(...widths: number[]): AsyncGenerator<Frame> {
  for (const width of widths) yield frame(width, 100);
}

async function passed(widths: number[], stills: boolean) {
  const reasons: string[] = [];
  const options = {
    name: "x",
    stills,
    smallest: { width: 24, height: 20 },
    onSkipped: (r: string) => void reasons.push(r),
  };
  const frames = await Array.fromAsync(searchable(framesOf(...widths), options));
  return { widths: frames.map(({ width }) => width), reasons };
}

Deno.test("pictures that are smaller than a face are skipped, and the first is reported", async () => {
  const reason = "1x100 pixels are too small for a face of 24x20 pixels";
  assert.deepEqual(await passed([1, 24, 23, 25], true), { widths: [24, 25], reasons: [reason] });
  assert.deepEqual(await passed([], true), { widths: [], reasons: [] });
});

Deno.test("an input whose frames are all too small is a FatalError", async () => {
  for (const [widths, stills] of [[[1, 2], true], [[1], false], [[1, 50], false]] as [number[], boolean][]) {
    await assert.rejects(passed(widths, stills), (error: FatalError) => {
      assert.ok(error instanceof FatalError);
      assert.match(error.message, /^cannot search "x": 1x100 pixels are too small/);
      return true;
    });
  }
});

async function* each(...frames: Frame[]): AsyncGenerator<Frame> {
  yield* frames;
}

Deno.test("pictures too large for the search are skipped, and a clip of such frames is a FatalError", async () => {
  const large = (width: number, height: number): Frame => ({ ...frame(1), width, height }); // Pixels are not read.
  for (const [width, height] of [[5_793, 5_793], [2 ** 17 + 1, 24]]) {
    const reasons: string[] = [];
    const onSkipped = (reason: string) => void reasons.push(reason);
    const clip = { name: "x", smallest: { width: 24, height: 20 }, onSkipped };
    const stills = { ...clip, stills: true };
    const found = searchable(each(large(width, height), large(5_792, 5_792), frame(24)), stills);
    assert.deepEqual((await Array.fromAsync(found)).map(({ width }) => width), [5_792, 24]);
    assert.deepEqual(reasons, [
      `${width}x${height} pixels are too large: the limit is 33 million pixels, and 131072 pixels per row`,
    ]);
    for (const [how, hint] of [[stills, "give a smaller picture"], [clip, "set a smaller --size"]] as const) {
      await assert.rejects(
        Array.fromAsync(searchable(each(large(width, height)), how)),
        (error: FatalError) => error instanceof FatalError && error.hint === hint,
      );
    }
  }
});

/** A detector that finds nothing. */
const BLIND: FaceDetector = {
  parallel: 1,
  reportBacklog: () => {},
  detect: () => Promise.resolve([]),
  [Symbol.asyncDispose]: () => Promise.resolve(),
};

/** What a camera with a still picture reads of its demand after each frame, five seconds apart. */
async function demands(args: string[], { isWatched = false } = {}) {
  const declared = { ...SOURCE_SETTINGS, ...DETECTION_SETTINGS, ...SELECTION_SETTINGS };
  const settings = readSettings("detector", declared, { args, env: {} });
  const health = new Health();
  const metrics = addSearchMetrics(health, health.component("camera"));
  const limits: (string | undefined)[] = [];
  async function* frames({ demand }: FrameOptions) {
    for (const sourceTimeMs of [0, 5_000, 10_000]) {
      yield { ...frame(64), sourceTimeMs };
      limits.push(demand!.limit);
    }
    limits.push(`${demand!.maxIntervalMs}`);
    demand!.leftOut("quiet");
    demand!.leftOut("quiet");
    demand!.leftOut("busy");
  }
  const search = {
    camera: { name: "door", live: true, frames },
    detection: {
      detector: await ScaledDetector.start(() => Promise.resolve(BLIND), 1),
      metadata: { cascade: "", settings: {} },
      smallest: { width: 24, height: 24 },
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const { signal } = new AbortController();
  const log = { info: () => {}, warn: () => {}, debug: () => {}, error: () => {} };
  const options = { signal, log, metrics, isWatched: () => isWatched };
  await Array.fromAsync(searchFrames(search, settings, options));
  return { limits, health };
}

Deno.test("a still scene is quiet, unless every frame is searched or somebody looks", async () => {
  const { limits, health: { metrics, done } } = await demands([]);
  assert.deepEqual(limits, [undefined, "quiet", "quiet", "1000"]);
  assert.deepEqual([done.frames, done.undecoded, done.skipped, framesGiven(metrics)], [3, 2, 1, 5]);
  const all = [undefined, undefined, undefined];
  assert.deepEqual((await demands(["--motion", "off"])).limits.slice(0, 3), all);
  assert.deepEqual((await demands(["--faces", "every"])).limits.slice(0, 3), all);
  assert.deepEqual((await demands([], { isWatched: true })).limits.slice(0, 3), all);
  assert.equal((await demands(["--full-search", "0.1"])).limits.at(-1), "100");
  assert.equal((await demands(["--full-search", "0"])).limits.at(-1), "Infinity");
});

Deno.test("zones and the smallest face are in pixels of the camera's picture, of which frames are smaller", async () => {
  const args = ["--ignore", "100,100,60,60", "--min-size", "96"];
  const declared = { ...SOURCE_SETTINGS, ...DETECTION_SETTINGS, ...SELECTION_SETTINGS };
  const settings = readSettings("detector", declared, { args, env: {} });
  const health = new Health();
  const metrics = addSearchMetrics(health, health.component("camera"));
  const [inside, outside] = [{ x: 20, y: 20, width: 24, height: 24 }, {
    x: 50,
    y: 60,
    width: 24,
    height: 24,
  }];
  const whole = { width: 400, height: 400, reduction: 4, decode: () => Promise.resolve(undefined) } as const;
  const reductions: unknown[] = [];
  async function* frames({ demand }: FrameOptions) {
    reductions.push(demand!.reduction);
    yield { ...frame(80), whole: { ...whole, width: 95, height: 95 } };
  }
  const start = () => Promise.resolve({ ...BLIND, detect: () => Promise.resolve([inside, outside]) });
  const search = {
    camera: { name: "door", live: true, frames },
    detection: {
      detector: await ScaledDetector.start(start, 4),
      metadata: { cascade: "", settings: {} },
      smallest: { width: 96, height: 96 },
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const { signal } = new AbortController();
  const logged: unknown[] = [];
  const info = (_: string, fields?: unknown) => void logged.push(fields);
  const log = { info, warn: () => {}, debug: () => {}, error: () => {} };
  const results = () => Array.fromAsync(searchFrames(search, settings, { signal, log, metrics }));
  await assert.rejects(results(), /95x95 pixels are too small for a face of 96x96/);
  search.camera.frames = async function* () {
    yield { ...frame(100), whole };
  };
  const [{ detections, filtered }] = await results();
  assert.deepEqual([detections, filtered], [[outside], [{ box: inside, reason: "ignored" }]]);
  assert.deepEqual([logged, reductions], [[{ source: "door", size: "400x400", searched: "100x100" }], [4]]);
});
