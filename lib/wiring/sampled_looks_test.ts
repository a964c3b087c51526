/** Second looks at the frames of a camera that nobody watches, by a clock of the test. */
import assert from "node:assert/strict";
import { asset } from "../assets.ts";
import type { Detection } from "../detection/engine.ts";
import type { MissedFace } from "../detection/missed.ts";
import { decodePng } from "../image/png.ts";
import { readSettings } from "../settings/read.ts";
import { framePainted } from "../testing/people.ts";
import { settled } from "../testing/settled.ts";
import { until } from "../testing/until.ts";
import { DETECTION_SETTINGS } from "./detection.ts";
import { Explainer } from "./explainer.ts";
import { openSampledLooks, SampledLooks } from "./sampled_looks.ts";
import type { SelectableFrame } from "./search.ts";
import { SELECTION_SETTINGS } from "./selection.ts";

const RESULT: SelectableFrame = {
  frame: framePainted([]),
  ...{ boxes: [], detections: [], filtered: [], searched: "part", area: [], isQuiet: false, searchMs: 3 },
};
const SECOND = 1_000;

function read(args: string[]) {
  return readSettings("detector", { ...DETECTION_SETTINGS, ...SELECTION_SETTINGS }, { args, env: {} });
}

const unused = () => {
  throw new Error("nothing is counted");
};

/** The looks of a detector; each takes `lookMs`. */
function start(args: string[] = []) {
  let nowMs = 5_000;
  const state = { lookMs: 10, isWatched: false, found: [] as Detection[] };
  const events: string[] = [];
  const lines: string[] = [];
  const skipped = { total: 3 };
  const after = (event: string) => {
    events.push(event);
    nowMs += state.lookMs;
  };
  const log = { debug: unused, warn: unused, error: unused, info: (line: string) => void lines.push(line) };
  const looks = new SampledLooks(read(args), {
    ...{ smallest: { width: 60, height: 60 }, detections: { add: unused, total: 0 }, log, skipped },
    isWatched: () => state.isWatched,
  }, {
    explainer: {
      ready: () => Promise.resolve(after("start")),
      look: () => Promise.resolve(after("look")).then(() => state.found),
      count: (_, found) => found.map((box): MissedFace => ({ box, reason: "too_small" })),
      end: () => Promise.resolve(void events.push("end")),
      [Symbol.asyncDispose]: () => Promise.resolve(void events.push("dispose")),
    },
    now: () => nowMs,
  });
  return {
    ...{ looks, state, lines, skipped },
    /** Gives a frame each second; returns after how many seconds something happened, and what. */
    async pass(seconds: number, change: Partial<SelectableFrame> = {}): Promise<string[]> {
      const happened: string[] = [];
      for (let second = 1; second <= seconds; second++) {
        nowMs = (Math.floor(nowMs / SECOND) + 1) * SECOND;
        looks.update({ ...RESULT, ...change });
        await settled();
        happened.push(...events.splice(0).map((event) => `${second} ${event}`));
      }
      return happened;
    },
  };
}

Deno.test("frames with motion are looked at every 10 s, by one thread", async () => {
  const { pass } = start();
  assert.deepEqual(await pass(35), ["10 start", "11 look", "22 look", "33 look"]);
});

Deno.test("where a look takes long, the next one is due 200 times as much later, the start included", async () => {
  const { pass, state } = start();
  state.lookMs = 500;
  assert.deepEqual(await pass(320), ["10 start", "11 look", "212 look", "313 look"]);
});

Deno.test("one frame is looked at at a time", async () => {
  const { looks, pass } = start();
  await pass(10);
  const before = pass(1);
  for (let time = 0; time < 5; time++) looks.update(RESULT);
  assert.deepEqual(await before, ["1 look"]);
});

Deno.test("a scene in which nothing moves is not looked at, and one that begins to move a second later", async () => {
  const { pass } = start();
  assert.deepEqual(await pass(60, { isQuiet: true, searched: "all" }), []);
  assert.deepEqual(await pass(60, { searched: "none", area: [] }), []);
  assert.deepEqual(await pass(1, { isQuiet: true }), []);
  assert.deepEqual(await pass(3), ["1 start", "2 look"]);
});

Deno.test("a detector that skips frames looks only once it has kept up for 10 s", async () => {
  const { pass, skipped } = start();
  for (let time = 0; time < 10; time++) {
    skipped.total++;
    assert.deepEqual(await pass(9), []);
  }
  assert.deepEqual(await pass(4), ["2 start", "3 look"]);
});

Deno.test("while somebody watches the aiming page, it looks instead", async () => {
  const { pass, state } = start();
  await pass(11);
  state.isWatched = true;
  assert.deepEqual(await pass(60), ["1 end"]);
  state.isWatched = false;
  assert.deepEqual(await pass(15), ["1 start", "2 look", "13 look"]);
});

Deno.test("faces that are too small are logged with what to do, once an hour", async () => {
  const { pass, state, lines } = start(["--min-size", "60"]);
  await pass(15);
  const face = (side: number, neighbors: number) => ({ x: 9, y: 9, width: side, height: side, neighbors });
  state.found = [face(55, 2)];
  await pass(60);
  assert.deepEqual(lines, [], "the search would not be certain of this face");
  state.found = [face(55, 2), face(31, 9), face(40, 9)];
  await pass(3_500);
  assert.deepEqual(lines, [
    "faces of about 40 px are in view, --min-size is 60: set a smaller --min-size, or move the camera closer",
  ]);
  await pass(300);
  assert.equal(lines.length, 2);
});

Deno.test("a look counts the face of a portrait that is below --min-size", async () => {
  const portrait = decodePng(await Deno.readFile(asset("lib/camera/sample/astronaut.png")));
  const frame = { ...RESULT.frame, ...portrait, pixels: { kind: "rgb24" as const, rgb: portrait.rgb } };
  const counted: string[] = [];
  const log = { debug: () => {}, info: () => {}, warn: unused, error: unused };
  let nowMs = 0;
  const settings = read(["--min-size", "120"]);
  const context = {
    ...{ smallest: { width: 120, height: 120 }, log, skipped: { total: 0 }, isWatched: () => false },
    detections: { add: (outcome: string) => void counted.push(outcome), total: 0 },
  };
  const explainer = new Explainer(settings, context);
  await using looks = new SampledLooks(settings, context, { explainer, now: () => nowMs });
  await explainer.ready();
  nowMs += 20 * SECOND;
  for (let time = 0; time < 2; time++) {
    looks.update({ ...RESULT, frame, area: "all", searched: "all" });
    await settled();
  }
  await until(() => counted.includes("too_small"), "the look finds the face");
});

Deno.test("with --once, and where no size, score or number of hits is set, there are no such looks", () => {
  const { looks: _, ...rest } = start();
  const context = {
    ...{ smallest: { width: 60, height: 60 }, detections: { add: unused, total: 0 }, isWatched: () => false },
    log: { debug: unused, info: unused, warn: unused, error: unused },
    skipped: rest.skipped,
  };
  const open = (once: boolean, ...args: string[]) => openSampledLooks({ ...read(args), once }, context);
  assert.equal(open(true, "--min-size", "60"), undefined);
  assert.equal(open(false), undefined);
  assert.ok(open(false, "--min-size", "60"));
  assert.ok(open(false, "--max-size", "300"));
  assert.ok(open(false, "--min-neighbors", "9"));
  assert.ok(open(false, "--engine", "yunet", "--min-score", "0.8"));
});
