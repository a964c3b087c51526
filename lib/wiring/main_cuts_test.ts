/** Faces of a sub stream that are cut from the main stream, or are not. */
import assert from "node:assert/strict";
import type { SelectedFace } from "../detection/face_selection.ts";
import type { ScoredFace } from "../detection/scored_face.ts";
import { FatalError } from "../errors.ts";
import { Metrics } from "../health/metrics.ts";
import type { Frame } from "../image/frame.ts";
import { settled } from "../testing/settled.ts";
import { FaceCuts } from "./face_cuts.ts";
import { MAIN_CUT_METRICS, MainCuts } from "./main_cuts.ts";

const PICTURE = { width: 1, height: 1, rgb: new Uint8Array(3) };
const SIGNAL = new AbortController().signal;
const BOX = { x: 1, y: 2, width: 3, height: 3 };
const FRAME: Frame = {
  width: 1920,
  height: 1080,
  pixels: { kind: "rgb24", rgb: PICTURE.rgb },
  capturedMs: 1,
  sourceTimeMs: 1,
};

function scored(frame: { width: number; height: number }, capturedMs: number): ScoredFace {
  return { picture: PICTURE, box: BOX, crop: BOX, frame, capturedMs, score: 0.5, sharpness: 0.5 };
}

const LARGE = scored({ width: 1920, height: 1080 }, 1);

/** A face of the sub stream, with what its held picture gives. */
class SubFace {
  released = 0;
  readonly answer = Promise.withResolvers<readonly Frame[]>();
  readonly face: SelectedFace;

  constructor(capturedMs: number) {
    const held = { decode: () => this.answer.promise, release: () => void this.released++ };
    const looks = { head: new Float32Array(), face: new Float32Array(), hasColour: true };
    const seen = { looks, sourceTimeMs: 5, main: { hold: () => held } };
    this.face = { ...scored({ width: 640, height: 360 }, capturedMs), held, seen };
  }
}

function open(find: () => Promise<ScoredFace | undefined> = () => Promise.resolve(LARGE)) {
  const logged: string[] = [];
  const { cuts } = new Metrics().add(MAIN_CUT_METRICS);
  const main = new MainCuts({
    mainFaces: { find },
    cuts,
    log: { info: (text) => logged.push(text), debug() {} },
    signal: new AbortController().signal,
  });
  return { main, logged };
}

Deno.test("a face that is found is cut from the main stream, with the time and visit of its detection", async () => {
  const { main, logged } = open();
  const sub = new SubFace(1_234);
  sub.answer.resolve([FRAME]);
  const visit = { number: 3, detections: 2, began: "", last: "", why: "first" } as const;
  const cut = await main.cut({ ...sub.face, visit }, { signal: SIGNAL });
  assert.deepEqual(cut, { ...LARGE, capturedMs: 1_234, visit });
  assert.equal(sub.released, 1);
  assert.deepEqual(logged, []);
});

Deno.test("without a picture, and without the face in it, the sub stream's picture is kept", async () => {
  const { main, logged } = open(() => Promise.resolve(undefined));
  const cut = async (answer: Promise<readonly Frame[]>) => {
    const sub = new SubFace(7);
    answer.then(sub.answer.resolve, sub.answer.reject);
    const { held: _, ...expected } = sub.face;
    assert.deepEqual(await main.cut(sub.face, { signal: SIGNAL }), expected);
    assert.equal(sub.released, 1);
  };
  await cut(Promise.resolve([FRAME]));
  await cut(Promise.reject(new FatalError(`"rtsp://camera" ended`)));
  await cut(Promise.resolve([FRAME]));
  assert.deepEqual(logged, [
    "a face is cut from the sub stream: the main stream does not show it",
    `a face is cut from the sub stream: "rtsp://camera" ended`,
  ]);
});

Deno.test("faces are delivered in their order, and beyond a number of waiting ones without the main stream", async () => {
  const { main, logged } = open();
  const delivered: [number, number][] = [];
  const cuts = new FaceCuts({
    margin: 0.2,
    main,
    onSmall: () => {},
    deliver: ({ capturedMs, frame }) => Promise.resolve(void delivered.push([capturedMs, frame.width])),
  });
  const subs = Array.from({ length: 18 }, (_, nth) => new SubFace(nth));
  for (const { face } of subs) await cuts.add(face);
  await settled();
  assert.deepEqual(delivered, []);
  assert.deepEqual(subs.map(({ released }) => released), [...Array(16).fill(0), 1, 1]);
  for (const { answer } of subs) answer.resolve([FRAME]);
  await cuts.flush();
  assert.deepEqual(delivered, subs.map((_, nth) => [nth, nth < 16 ? 1920 : 640]));
  assert.deepEqual(logged, ["a face is cut from the sub stream: too many faces wait"]);
  assert.ok(subs.every(({ released }) => released === 1));
});

Deno.test("when too many faces wait, those that wait keep the sub stream's picture", async () => {
  const { main, logged } = open();
  const sub = new SubFace(7);
  const full = new AbortController();
  const cutting = main.cut(sub.face, { signal: full.signal });
  full.signal.addEventListener("abort", () => sub.answer.reject(new FatalError("the program ends")));
  full.abort();
  assert.equal((await cutting).frame.width, 640);
  assert.deepEqual(logged, ["a face is cut from the sub stream: too many faces wait"]);
});
