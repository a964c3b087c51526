/** The frames of bench:faces: the face is where its box says, covers hide what they should, frames are the same each time. */
import assert from "node:assert/strict";
import type { Point } from "../../lib/image/frame.ts";
import { emptyFrame, FRAME, Scene } from "./compose.ts";
import { CONDITIONS } from "./conditions.ts";
import { type Cover, covered } from "./covers.ts";
import { exposed } from "./exposure.ts";
import { type LoadedPortrait, loadPortrait, PORTRAITS } from "./portraits.ts";
import { place } from "./sprite.ts";

const LOADED = PORTRAITS.map(loadPortrait);
const noRandom = () => 0.5;

/** A white square on black as a "portrait": its face is the square. */
const SQUARE = { face: { x: 40, y: 40, width: 40, height: 40 }, picture: square() };

function square() {
  const rgb = new Uint8Array(120 * 120 * 3);
  for (let y = 40; y < 80; y++) rgb.fill(255, (y * 120 + 40) * 3, (y * 120 + 80) * 3);
  return { width: 120, height: 120, rgb };
}

function canvas() {
  return { ...FRAME, rgb: new Uint8Array(FRAME.width * FRAME.height * 3) };
}

Deno.test("a tilted face lies inside the upright box that place() returns, and touches its sides", () => {
  for (const tilt of [0, 30, -45]) {
    const picture = canvas();
    const box = place(picture, SQUARE, { centre: { x: 200, y: 150 }, facePx: 30, tilt, mirrored: false });
    const lit = Array.from(
      { length: FRAME.width * FRAME.height },
      (_, at) => picture.rgb[at * 3] > 128 ? at : -1,
    )
      .filter((at) => at >= 0);
    const columns = lit.map((at) => at % FRAME.width);
    const rows = lit.map((at) => Math.floor(at / FRAME.width));
    const found = [Math.min(...columns), Math.min(...rows), Math.max(...columns) + 1, Math.max(...rows) + 1];
    const expected = [box.x, box.y, box.x + box.width, box.y + box.height];
    for (const [nth, value] of found.entries()) {
      assert.ok(Math.abs(value - expected[nth]) <= 2, `${tilt}: ${found}`);
    }
  }
});

Deno.test("the landmarks of every portrait lie in its face, eyes above nose above mouth", () => {
  for (const { name, face, eyes, nose, mouth } of LOADED) {
    for (const { x, y } of [...eyes, nose, ...mouth]) {
      assert.ok(x > face.x && x < face.x + face.width && y > face.y && y < face.y + face.height, name);
    }
    assert.ok(eyes[0].x < nose.x && nose.x < eyes[1].x && mouth[0].x < mouth[1].x, name);
    assert.ok(Math.max(eyes[0].y, eyes[1].y) < nose.y && nose.y < Math.min(mouth[0].y, mouth[1].y), name);
  }
});

Deno.test("sunglasses hide the eyes only; mask and scarf hide the mouth only, the mask the nose as well", () => {
  const hides = (portrait: LoadedPortrait, cover: Cover, { x, y }: Point) => {
    const at = (Math.floor(y) * portrait.picture.width + Math.floor(x)) * 3;
    const worn = covered(portrait, cover, 0).picture.rgb.subarray(at, at + 3);
    return worn.join() !== portrait.picture.rgb.subarray(at, at + 3).join();
  };
  for (const portrait of LOADED) {
    const { name, eyes, nose, mouth } = portrait;
    const hidden = (cover: Cover) => [...eyes, nose, ...mouth].map((point) => hides(portrait, cover, point));
    assert.deepEqual(hidden("sunglasses"), [true, true, false, false, false], name);
    assert.deepEqual(hidden("mask"), [false, false, true, true, true], name);
    assert.deepEqual(hidden("scarf"), [false, false, hidden("scarf")[2], true, true], name);
  }
});

Deno.test("a white picture has the planes of a white frame; a blurred edge is a ramp", () => {
  const white = { width: 8, height: 4, rgb: new Uint8Array(96).fill(255) };
  const usual = { light: [1, 1], blurPx: 0, noise: 0, gray: false } as const;
  const { gray, chroma } = exposed(white, usual, noRandom);
  assert.deepEqual([...new Set(gray)], [235]);
  assert.deepEqual([...new Set(chroma!.u), ...new Set(chroma!.v)], [128, 128]);
  assert.deepEqual([...new Set(exposed(white, { ...usual, light: [0, 0] }, noRandom).gray)], [16]);
  assert.equal(exposed(white, { ...usual, gray: true }, noRandom).chroma, undefined);
  const edge = { ...white, rgb: white.rgb.map((_, at) => Math.floor(at / 3) % 8 < 4 ? 0 : 255) };
  const ramp = exposed(edge, { ...usual, blurPx: 1 }, noRandom).gray.subarray(0, 8);
  assert.deepEqual(Array.from(ramp), [16, 16, 40, 89, 162, 211, 235, 235]);
});

Deno.test("a scene has the same frame each time, and its face inside the frame under every condition", () => {
  const scene = () => new Scene(LOADED[0], 3);
  const keys = CONDITIONS.map(({ key }) => key);
  assert.equal(new Set(keys).size, keys.length);
  for (const condition of CONDITIONS) {
    const { plane, face } = scene().under(condition);
    assert.deepEqual(scene().under(condition).plane, plane, condition.key);
    const isInside = face.x >= 0 && face.y >= 0 && face.x + face.width <= FRAME.width &&
      face.y + face.height <= FRAME.height;
    assert.ok(isInside && face.width >= 15, condition.key);
    if (condition.cut) assert.ok(face.x === 0 || face.x + face.width === FRAME.width);
  }
  assert.deepEqual(emptyFrame(undefined, 7), emptyFrame(undefined, 7));
});
