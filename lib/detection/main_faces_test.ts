/** Faces of a small picture that are found again in a whole one, by the real detector. */
import assert from "node:assert/strict";
import { readAsset } from "../assets.ts";
import { overlap } from "../image/boxes.ts";
import type { Picture } from "../image/crop.ts";
import type { Box, Frame, Size } from "../image/frame.ts";
import { decodePng } from "../image/png.ts";
import { scaleDown } from "../image/scale.ts";
import { type EngineName, loadEngine } from "./engines.ts";
import { scoredFace } from "./scored_face.ts";
import { looksIn } from "./looks.ts";
import { startPool } from "./pool.ts";
import { MainFaces } from "./main_faces.ts";

const ASTRONAUT = decodePng(readAsset("lib/camera/sample/astronaut.png"));
const FULL: Size = { width: 1280, height: 720 };
const MARGIN = 0.2;

/** The astronaut, 512x512, at this place before a gray wall. */
function scene(left: number, { width, height } = FULL): Frame {
  const rgb = new Uint8Array(width * height * 3).fill(130);
  for (let row = 0; row < ASTRONAUT.height; row++) {
    const line = ASTRONAUT.rgb.subarray(row * ASTRONAUT.width * 3, (row + 1) * ASTRONAUT.width * 3);
    rgb.set(line, ((row + 100) * width + left) * 3);
  }
  return frameOf({ width, height, rgb });
}

function frameOf({ width, height, rgb }: Picture, sourceTimeMs = 0): Frame {
  return { width, height, pixels: { kind: "rgb24", rgb }, capturedMs: 0, sourceTimeMs };
}

/** A smaller copy, of the whole frame or of a part of it. */
function small(frame: Frame, to: Size, part: Box = { x: 0, y: 0, ...FULL }): Frame {
  if (frame.pixels.kind !== "rgb24") throw new Error("the frame is not RGB");
  const rgb = new Uint8Array(part.width * part.height * 3);
  for (let row = 0; row < part.height; row++) {
    const from = ((part.y + row) * frame.width + part.x) * 3;
    rgb.set(frame.pixels.rgb.subarray(from, from + part.width * 3), row * part.width * 3);
  }
  return frameOf(scaleDown({ width: part.width, height: part.height, rgb }, to));
}

async function start(engine: EngineName = "haar") {
  const settings = { minSize: 0, maxSize: 0 };
  const { options } = await (await loadEngine(engine)).configure(settings);
  return await startPool({ engine, options }, { threads: 1 });
}

/** Finds the face of a small frame in whole ones. */
async function find(
  smallFrame: Frame,
  frames: readonly Frame[],
  { engine, maxSize = 0 }: { engine?: EngineName; maxSize?: number } = {},
) {
  await using detector = await start(engine);
  const { pixels, width, height } = smallFrame;
  if (pixels.kind !== "rgb24") throw new Error("the frame is not RGB");
  const gray = Uint8Array.from({ length: width * height }, (_, at) => pixels.rgb[at * 3 + 1]);
  const [box] = await detector.detect({ width, height, gray }, "all");
  assert.ok(box, "a face in the small frame");
  const mainFaces = new MainFaces({ detector, maxSize, margin: MARGIN });
  const face = { ...scoredFace(smallFrame, box, MARGIN), looks: looksIn(smallFrame)(box), sourceTimeMs: 0 };
  return await mainFaces.find(face, frames);
}

/** The face of the astronaut whose picture begins at `left`. */
const faceAt = (left: number): Box => ({ x: left + 172, y: 165, width: 104, height: 104 });

function assertFace(found: { box: Box; frame: Size; crop: Box; picture: Size } | undefined, left: number) {
  assert.ok(found, "the face is found");
  assert.ok(overlap(found.box, faceAt(left)) > 0.6, JSON.stringify(found.box));
  assert.deepEqual(found.frame, FULL);
  assert.deepEqual([found.picture.width, found.picture.height], [found.crop.width, found.crop.height]);
}

for (const engine of ["haar", "yunet"] as const) {
  Deno.test(`a face is found in the whole picture although it has moved (${engine})`, async () => {
    const whole = scene(400);
    assertFace(await find(small(whole, { width: 640, height: 360 }), [whole], { engine }), 400);
    assertFace(await find(small(whole, { width: 640, height: 360 }), [scene(480)], { engine }), 480);
  });
}

Deno.test("a face is found where the sub stream is squeezed, and where it is the centre", async () => {
  const whole = scene(400);
  assertFace(await find(small(whole, { width: 512, height: 420 }), [whole]), 400);
  const left = scene(700);
  const centre = { x: 160, y: 0, width: 960, height: 720 };
  assertFace(await find(small(left, { width: 640, height: 480 }, centre), [left]), 700);
});

Deno.test("neighbouring pictures are searched when the nearest does not show the face", async () => {
  const whole = scene(400);
  const empty = frameOf({ ...FULL, rgb: new Uint8Array(FULL.width * FULL.height * 3).fill(130) });
  const from = small(whole, { width: 640, height: 360 });
  assertFace(await find(from, [empty, scene(430)]), 430);
  assert.equal(await find(from, [empty]), undefined);
  assert.equal(await find(from, []), undefined);
});

Deno.test("a face that is too far away for the time between the pictures is another one", async () => {
  const from = small(scene(100), { width: 640, height: 360 });
  assert.equal(await find(from, [scene(600)]), undefined);
  assertFace(await find(from, [{ ...scene(450), sourceTimeMs: 1_000 }]), 450);
});

Deno.test("another person at the same place is not taken", async () => {
  const whole = scene(400);
  const other = scene(400);
  if (other.pixels.kind !== "rgb24") throw new Error("the frame is not RGB");
  // The same face in another light suit and with other hair: red and blue are swapped, and the wall stays gray.
  const { rgb } = other.pixels;
  for (let at = 0; at < rgb.length; at += 3) [rgb[at], rgb[at + 2]] = [rgb[at + 2], rgb[at]];
  assert.equal(await find(small(whole, { width: 640, height: 360 }), [other]), undefined);
});
