/** The faces that are selected from detections. */
import assert from "node:assert/strict";
import { crop, withMargin } from "../image/crop.ts";
import type { Frame } from "../image/frame.ts";
import { bestFaces, everyFace, type FaceSelector, type SelectorOptions } from "./face_selection.ts";
import type { ScoredBox, ScoredFace } from "./scored_face.ts";

const SETTINGS = { confirmHits: 2, confirmFrames: 3, gapMs: 300, stillMs: 2_000 };
const FRAME_MS = 100;
const BOX = { x: 60, y: 60, width: 60, height: 60 };

type Colour = readonly [red: number, green: number, blue: number];
const [IN_RED, IN_BLUE]: readonly Colour[] = [[1, 0.5, 0.5], [0.3, 0.4, 1]];

/** A frame with a symmetric pattern in the box, and clothes below it; a smaller period scores higher. */
function frame(period: number, index: number, clothes = IN_RED): Frame {
  const rgb = new Uint8Array(200 * 200 * 3);
  for (let y = 0, at = 0; y < 200; y++) {
    for (let x = 0; x < 200; x++) {
      const value = 128 +
        40 * Math.cos((x - 89.5) * 2 * Math.PI / period) * Math.cos((y - 89.5) * 2 * Math.PI / period);
      for (let channel = 0; channel < 3; channel++) rgb[at++] = y < 130 ? value : value * clothes[channel];
    }
  }
  return {
    width: 200,
    height: 200,
    pixels: { kind: "rgb24", rgb },
    capturedMs: index * FRAME_MS,
    sourceTimeMs: index * FRAME_MS,
  };
}

const [CRISP, SOFT] = [4, 60];

/** Shows frames, each with a face of this period or with none. Returns frame, reason and detections of the selected faces. */
function show(frames: (number | undefined)[]) {
  const selector = bestFaces(0.2, SETTINGS);
  const selected = frames.flatMap((period, index) =>
    selector.update(frame(period ?? SOFT, index), period === undefined ? [] : [BOX])
  );
  return [...selected, ...selector.flush()].map((
    { capturedMs, visit },
  ) => [capturedMs / FRAME_MS, visit?.why, visit?.detections]);
}

Deno.test("a visit yields its best face so far when it is confirmed", () => {
  assert.deepEqual(show([SOFT, SOFT]), [[0, "first", 2]]);
  assert.deepEqual(show([SOFT, CRISP]), [[1, "first", 2]]);
  assert.deepEqual(show([SOFT]), []);
});

Deno.test("a visit yields its best face at its end, if that is clearly better than the first", () => {
  assert.deepEqual(show([SOFT, SOFT, SOFT, CRISP, SOFT]), [[0, "first", 2], [3, "best", 5]]);
  assert.deepEqual(show([CRISP, CRISP, SOFT, CRISP, SOFT]), [[0, "first", 2]]);
  const gone = Array(5).fill(undefined);
  assert.deepEqual(show([SOFT, SOFT, CRISP, ...gone, SOFT, SOFT]), [[0, "first", 2], [2, "best", 3], [
    8,
    "first",
    2,
  ]]);
});

Deno.test("a long visit yields a face at each interval", () => {
  const long = show(Array(45).fill(SOFT));
  assert.deepEqual(long.map(([, why, detections]) => [why, detections]), [["first", 2], ["still", 22], [
    "still",
    42,
  ]]);
});

Deno.test("another person in the same place is another visit", () => {
  const selector = bestFaces(0.2, SETTINGS);
  const faces = [IN_RED, IN_RED, IN_BLUE, IN_BLUE, IN_RED].flatMap((clothes, index) =>
    selector.update(frame(SOFT, index, clothes), [BOX])
  );
  assert.deepEqual(faces.map(({ capturedMs, visit }) => [capturedMs, visit?.number]), [[0, 1], [200, 2]]);
});

Deno.test("the picture of a face is that of its own frame, also when it returns to its visit later", () => {
  // A frame's memory is used again as soon as the selection has seen it.
  const shared = new Uint8Array(200 * 200 * 3);
  const given = new Map<number, Uint8Array>();
  const selector = bestFaces(0.2, { ...SETTINGS, gapMs: 5_000 });
  // The fourth detection belongs to the visit once the fifth one has come, and is the best.
  const periods = [SOFT, SOFT, ...Array(8), CRISP, SOFT];
  const selected = periods.flatMap((period, index) => {
    const { pixels, ...rest } = frame(period ?? SOFT, index);
    assert.ok(pixels.kind === "rgb24");
    shared.set(pixels.rgb);
    const seen = { ...rest, pixels: { kind: "rgb24", rgb: shared } } as const;
    given.set(rest.capturedMs, crop(seen, withMargin(BOX, 0.2, rest)).rgb);
    return selector.update(seen, period === undefined ? [] : [BOX]);
  });
  const faces = [...selected, ...selector.flush()];
  assert.deepEqual(faces.map(({ capturedMs }) => capturedMs / FRAME_MS), [0, 10]);
  for (const { picture, capturedMs } of faces) assert.deepEqual(picture.rgb, given.get(capturedMs));
});

Deno.test("a selected face holds no looks", () => {
  const selector = bestFaces(0.2, SETTINGS);
  const [face] = [0, 1].flatMap((index) => selector.update(frame(SOFT, index), [BOX]));
  assert.ok(!/looks|clothes|hasColour/.test(JSON.stringify(face)));
});

Deno.test("with a check a visit needs one face that passes it, and everyFace() selects only those that do", () => {
  const show = (selector: FaceSelector) =>
    [0, 1, 2].flatMap((index) => selector.update(frame(CRISP, index), [BOX]));
  const at = (frames: number[]) => ({ capturedMs }: ScoredFace) => frames.includes(capturedMs / FRAME_MS);
  assert.equal(show(bestFaces(0.2, SETTINGS, { isFace: at([]) })).length, 0);
  assert.deepEqual(
    show(bestFaces(0.2, SETTINGS, { isFace: at([0]) })).map(({ visit }) => visit?.detections),
    [2],
  );
  assert.deepEqual(
    show(bestFaces(0.2, SETTINGS, { isFace: at([2]) })).map(({ visit }) => visit?.detections),
    [3],
  );
  assert.equal(show(everyFace(0.2, { isFace: at([0, 2]) })).length, 2);
});

Deno.test("everyFace() selects each detection, with its score and without a visit", () => {
  const selected = everyFace(0.2).update(frame(CRISP, 0), [BOX, { ...BOX, x: 10 }]);
  assert.equal(selected.length, 2);
  assert.deepEqual(selected[0].crop, { x: 48, y: 48, width: 84, height: 84 });
  assert.ok(selected[0].score > 0 && selected[0].visit === undefined);
});

const AWAY = Array(5).fill([]);

/** Shows frames with these boxes, soft ones except at `crispAt`; returns how many detections had each outcome. */
function outcomes(
  frames: (typeof BOX[])[],
  { crispAt = [], selector = (options) => bestFaces(0.2, SETTINGS, options), ...options }: {
    crispAt?: number[];
    selector?: (options: SelectorOptions) => FaceSelector;
    isFace?: (face: ScoredFace) => boolean;
  } = {},
): Record<string, number> {
  const counts: Record<string, number> = {};
  const onSettled: SelectorOptions["onSettled"] = ({ outcome, detections }) =>
    counts[outcome] = (counts[outcome] ?? 0) + detections;
  const made = selector({ ...options, onSettled });
  const [soft, crisp] = [frame(SOFT, 0), frame(CRISP, 0)];
  const faces = frames.flatMap((boxes, index) => {
    const atMs = index * FRAME_MS;
    const shown = crispAt.includes(index) ? crisp : soft;
    return made.update({ ...shown, capturedMs: atMs, sourceTimeMs: atMs }, boxes);
  });
  assert.equal(
    [...faces, ...made.flush()].length,
    counts.sent ?? 0,
    "each face is a detection that was sent",
  );
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
  assert.equal(all, frames.flat().length, "each detection has one outcome");
  return counts;
}

Deno.test("each detection is sent, or not for one reason: worse, unconfirmed or no eyes", () => {
  const long = Array(5).fill([BOX]);
  assert.deepEqual(outcomes(long), { sent: 1, worse: 4 });
  assert.deepEqual(outcomes(long, { crispAt: [3] }), { sent: 2, worse: 3 });
  assert.deepEqual(outcomes([[BOX]]), { unconfirmed: 1 });
  assert.deepEqual(outcomes([[BOX], ...AWAY, [BOX], ...AWAY]), { unconfirmed: 2 });
  assert.deepEqual(outcomes(long, { isFace: () => false }), { no_eyes: 5 });
  assert.deepEqual(outcomes([[BOX]], { isFace: () => false }), { unconfirmed: 1 });
});

Deno.test("a detection that returns to a visit alone is unconfirmed", () => {
  const selector = (options: SelectorOptions) => bestFaces(0.2, { ...SETTINGS, gapMs: 2_000 }, options);
  const alone = [[BOX], [BOX], ...AWAY, [BOX], ...AWAY, ...AWAY];
  assert.deepEqual(outcomes(alone, { selector }), { sent: 1, worse: 1, unconfirmed: 1 });
});

Deno.test("with everyFace() each detection is sent or has no eyes", () => {
  const selector = (options: SelectorOptions) => everyFace(0.2, options);
  const isFace = ({ capturedMs }: ScoredFace) => capturedMs > 0;
  assert.deepEqual(outcomes([[BOX], [BOX, BOX]], { selector, isFace }), { no_eyes: 1, sent: 2 });
});

Deno.test("each of any detections has one outcome", () => {
  let seed = 1;
  const random = () => (seed = seed * 48_271 % 0x7fffffff) / 0x7fffffff;
  const boxes = () => [0, 1, 2].flatMap((column) => random() < 0.4 ? [{ ...BOX, x: column * 60 }] : []);
  for (let time = 0; time < 5; time++) {
    const isFace = () => random() < 0.3;
    outcomes(Array.from({ length: 40 }, () => random() < 0.3 ? [] : boxes()), { isFace });
  }
});

Deno.test("standings() tells what each detection of the last frame is", () => {
  const other = { ...BOX, x: 140 };
  const selector = bestFaces(0.2, SETTINGS, { isFace: ({ box }) => box.x === BOX.x });
  const waits = { kind: "waits", hits: 1, needed: 2, frames: 3 };
  selector.update(frame(SOFT, 0), [BOX, other]);
  assert.deepEqual(selector.standings(), [waits, waits]);
  selector.update(frame(SOFT, 1), [other, BOX]);
  assert.deepEqual(selector.standings(), [{ kind: "unsent", reason: "no_eyes" }, { kind: "counts" }]);
  selector.update(frame(SOFT, 2), []);
  assert.deepEqual(selector.standings(), []);
});

Deno.test("only the best face of a visit keeps the whole picture of its frame, until it is sent", () => {
  const settledFaces: ScoredBox[] = [];
  const selector = bestFaces(0.2, SETTINGS, {
    onSettled: ({ face, visit }) =>
      settledFaces.push(...face ? [face] : [], ...visit ? [visit.last.item] : []),
  });
  const whole = (index: number): Frame["whole"] => ({
    width: 400,
    height: 400,
    reduction: 2,
    decode: () => Promise.resolve(frame(CRISP, index)),
  });
  const wholes = [SOFT, CRISP, SOFT, SOFT].map((_, index) => whole(index));
  const selected = [SOFT, CRISP, SOFT, SOFT].flatMap((period, index) =>
    selector.update({ ...frame(period, index), whole: wholes[index] }, [BOX])
  );
  assert.deepEqual(selected.map((face) => face.whole), [wholes[1]]);
  assert.deepEqual(selected.map(({ box }) => box), [BOX], "in pixels of the frame");
  selector.flush();
  assert.ok(settledFaces.length > 0 && settledFaces.every((face) => face.whole === undefined));
});

Deno.test("the picture of the main stream is held for the best face of a visit only", () => {
  const selector = bestFaces(0.2, SETTINGS);
  const log: string[] = [];
  /** Shows a face of this period, or none; the picture of its frame reports to the log. */
  const show = (index: number, period?: number) => {
    const hold = () => {
      log.push(`hold ${index}`);
      return { decode: () => Promise.resolve([]), release: () => void log.push(`release ${index}`) };
    };
    const shown = { ...frame(period ?? SOFT, index), main: { hold } };
    return selector.update(shown, period === undefined ? [] : [BOX]);
  };
  show(0, SOFT);
  const [first] = show(1, CRISP);
  assert.deepEqual(log.splice(0), ["hold 0", "hold 1", "release 0"]);
  assert.ok(first.held && first.seen?.sourceTimeMs === FRAME_MS);
  // A worse one is held as the best since then, and released at the end, since it is not sent.
  show(2, SOFT);
  assert.deepEqual(log.splice(0), ["hold 2"]);
  for (let index = 3; index < 10; index++) show(index);
  assert.deepEqual(log.splice(0), ["release 2"]);
  // One that is never confirmed.
  show(10, SOFT);
  for (let index = 11; index < 20; index++) show(index);
  assert.deepEqual(log.splice(0), ["hold 10", "release 10"]);
  first.held.release();
  assert.deepEqual(log, ["release 1"]);
});
