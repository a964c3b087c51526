/** Faces that are cut out of whole pictures. */
import assert from "node:assert/strict";
import type { SelectedFace } from "../detection/face_selection.ts";
import { crop, withMargin } from "../image/crop.ts";
import type { Frame, WholePicture } from "../image/frame.ts";
import { settled } from "../testing/settled.ts";
import { FaceCuts } from "./face_cuts.ts";
import { wholeFace } from "./whole_face.ts";

const MARGIN = 0.25;
const BOX = { x: 40, y: 30, width: 24, height: 24 };

const EYES_NOSE_MOUTH = [[46, 38], [58, 38], [52, 43.5], [47, 48], [57, 48]].map(([x, y]) => ({ x, y }));

/** A picture of rings around a point, of this size; `shift` moves them. */
function picture(width: number, height: number, { shift = 0 } = {}): Frame {
  const rgb = new Uint8Array(width * height * 3);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 3) {
      const away = Math.hypot(x / width - 0.4 - shift, y / height - 0.5);
      rgb.fill(128 + 100 * Math.cos(away * 40), at, at + 3);
    }
  }
  return { width, height, pixels: { kind: "rgb24", rgb }, capturedMs: 0, sourceTimeMs: 0 };
}

/** A face in a frame of 128x96 whose picture has 256x192 pixels. */
function faceOf(decode: WholePicture["decode"]): SelectedFace {
  const frame = picture(128, 96);
  const cut = withMargin(BOX, MARGIN, frame);
  return {
    picture: crop(frame, cut),
    box: BOX,
    crop: cut,
    frame: { width: 128, height: 96 },
    capturedMs: 7,
    score: 0.5,
    sharpness: 0.5,
    weight: 3,
    landmarks: EYES_NOSE_MOUTH,
    whole: { width: 256, height: 192, reduction: 2, decode },
  };
}

const reasons: string[] = [];
const onSmall = (reason: string) => void reasons.push(reason);
const SIGNAL = new AbortController().signal;
const decode = (whole: WholePicture) => whole.decode({ signal: SIGNAL });
const WHOLE = picture(256, 192);
/** A decoder that gives nothing until it is ended. */
const hangs: WholePicture["decode"] = ({ signal }) =>
  new Promise((resolve) => signal.addEventListener("abort", () => resolve(undefined)));

Deno.test("a face is cut out of the whole picture, and all of it is in pixels of that picture", async () => {
  const face = await wholeFace(faceOf(() => Promise.resolve(WHOLE)), { margin: MARGIN, decode, onSmall });
  assert.deepEqual(reasons.splice(0), []);
  assert.deepEqual(face.box, { x: 80, y: 60, width: 48, height: 48 });
  assert.deepEqual(face.crop, { x: 68, y: 48, width: 72, height: 72 });
  assert.deepEqual(face.frame, { width: 256, height: 192 });
  assert.deepEqual(face.landmarks, EYES_NOSE_MOUTH.map(({ x, y }) => ({ x: 2 * x, y: 2 * y })));
  assert.deepEqual(face.picture, crop(WHOLE, face.crop));
  assert.deepEqual([face.capturedMs, face.weight, face.whole], [7, 3, undefined]);
  assert.notEqual(face.score, 0.5);
  assert.notEqual(face.sharpness, 0.5);
});

Deno.test("a picture that shows something else, or cannot be decoded, leaves the face as it is", async () => {
  const other = picture(256, 192, { shift: 0.05 });
  const cases = [
    [() => Promise.resolve(other), "the whole picture differs from the frame"],
    [() => Promise.resolve(undefined), "the whole picture cannot be decoded"],
  ] as const;
  for (const [answer, reason] of cases) {
    const given = faceOf(answer);
    const { whole: _, ...expected } = given;
    assert.deepEqual(await wholeFace(given, { margin: MARGIN, decode, onSmall }), expected);
    assert.deepEqual(reasons.splice(0), [reason]);
  }
});

Deno.test("faces are delivered in their order, one picture at a time, and the search goes on meanwhile", async () => {
  const delivered: number[] = [];
  const decoding: PromiseWithResolvers<Frame>[] = [];
  const deliver = (face: SelectedFace) => Promise.resolve(void delivered.push(face.capturedMs));
  const cuts = new FaceCuts({ margin: MARGIN, deliver, onSmall });
  const face = faceOf(() => {
    decoding.push(Promise.withResolvers());
    return decoding.at(-1)!.promise;
  });
  const { whole: _, ...small } = face;
  await cuts.add({ ...small, capturedMs: 0 });
  assert.deepEqual(delivered, [0], "at once");
  await cuts.add({ ...face, capturedMs: 1 });
  await cuts.add({ ...small, capturedMs: 2 });
  await cuts.add({ ...face, capturedMs: 3 });
  await settled();
  assert.deepEqual([delivered, decoding.length], [[0], 1]);
  decoding[0].resolve(WHOLE);
  await settled();
  assert.deepEqual([delivered, decoding.length], [[0, 1, 2], 2]);
  const flushing = cuts.flush();
  decoding[1].resolve(WHOLE);
  await flushing;
  assert.deepEqual(delivered, [0, 1, 2, 3]);
});

Deno.test("beyond sixteen faces that wait, further ones are cut from the smaller frame", async () => {
  const delivered: [number, number][] = [];
  const deliver = ({ capturedMs, frame }: SelectedFace) =>
    Promise.resolve(void delivered.push([capturedMs, frame.width]));
  const decoding = Promise.withResolvers<Frame>();
  const cuts = new FaceCuts({ margin: MARGIN, deliver, onSmall });
  for (let nth = 0; nth < 20; nth++) {
    await cuts.add({ ...faceOf(() => decoding.promise), capturedMs: nth });
  }
  assert.deepEqual(reasons.splice(0), Array(4).fill("too many faces wait"));
  decoding.resolve(WHOLE);
  await cuts.flush();
  assert.deepEqual(delivered, Array.from({ length: 20 }, (_, nth) => [nth, nth < 16 ? 256 : 128]));
});

Deno.test("the search does not wait for a decoder that hangs, and no face is lost", async () => {
  const delivered: number[] = [];
  const deliver = ({ capturedMs }: SelectedFace) => Promise.resolve(void delivered.push(capturedMs));
  const cuts = new FaceCuts({ margin: MARGIN, deliver, onSmall, limit: () => () => {} });
  let added = 0;
  const searching = async () => {
    for (; added < 80; added++) await cuts.add({ ...faceOf(hangs), capturedMs: added });
  };
  void searching();
  await settled();
  assert.equal(added, 80);
  assert.ok(delivered.length >= 80 - 64, "64 faces wait at most");
  assert.deepEqual(delivered, delivered.map((_, nth) => nth));
  assert.deepEqual(
    new Set(reasons.splice(0)),
    new Set(["too many faces wait", "the whole picture cannot be decoded"]),
  );
});

Deno.test("an error of the delivery is thrown", async () => {
  const failing = () => Promise.reject(new Error("the disk is gone"));
  const cuts = new FaceCuts({ margin: MARGIN, deliver: failing, onSmall });
  await cuts.add(faceOf(() => Promise.resolve(WHOLE)));
  await assert.rejects(cuts.flush(), /the disk is gone/);
  assert.throws(() => cuts.check(), /the disk is gone/);
  await assert.rejects(cuts.add(faceOf(() => Promise.resolve(WHOLE))), /the disk is gone/);
});

/** Cuts of a program that ends when `ended` is aborted, and the widths of the frames of the faces that they deliver. */
function endingCuts(nowMs: () => number) {
  const ended = new AbortController();
  const widths: number[] = [];
  const deliver = (face: SelectedFace) => Promise.resolve(void widths.push(face.frame.width));
  const cuts = new FaceCuts({ margin: MARGIN, deliver, onSmall, signal: ended.signal, nowMs });
  return { cuts, ended, widths };
}

Deno.test("when the program ends, faces that wait too long are delivered from the smaller frame", async () => {
  let nowMs = 0;
  let decoded = 0;
  const { cuts, ended, widths } = endingCuts(() => nowMs);
  const face = faceOf(() => {
    nowMs += 2_000; // A slow board.
    decoded++;
    return Promise.resolve(WHOLE);
  });
  for (let number = 0; number < 8; number++) await cuts.add(face);
  ended.abort();
  await cuts.flush();
  assert.deepEqual([decoded, widths], [4, [256, 256, 256, 256, 128, 128, 128, 128]]);
  assert.deepEqual(reasons.splice(0), Array(4).fill("the whole picture cannot be decoded"));
});

Deno.test("a decoder that hangs when the program ends gets no more time than all faces together", async () => {
  let nowMs = 0;
  // A millisecond is left when it is asked again.
  const { cuts, ended, widths } = endingCuts(() => nowMs += 4_999);
  const hanging = faceOf(hangs);
  await cuts.add(hanging);
  await cuts.add(hanging);
  await settled();
  ended.abort();
  assert.ok(nowMs > 0, "the limit of the decoding that runs is set at the end, not after it");
  await cuts.flush();
  assert.deepEqual(widths, [128, 128]);
  assert.deepEqual(reasons.splice(0), Array(2).fill("the whole picture cannot be decoded"));
});

Deno.test("faces that wait are delivered when the search fails", async () => {
  const delivered: number[] = [];
  const decoding = Promise.withResolvers<Frame>();
  const searching = async () => {
    const deliver = (face: SelectedFace) => Promise.resolve(void delivered.push(face.frame.width));
    await using cuts = new FaceCuts({ margin: MARGIN, deliver, onSmall });
    await cuts.add(faceOf(() => decoding.promise));
    throw new Error("cannot search a frame");
  };
  const failed = assert.rejects(searching(), /cannot search a frame/);
  await settled();
  decoding.resolve(WHOLE);
  await failed;
  assert.deepEqual(delivered, [256]);
});
