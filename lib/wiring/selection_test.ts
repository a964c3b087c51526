/** The settings that select detections and faces. */
import assert from "node:assert/strict";
import { asset } from "../assets.ts";
import type { Camera } from "../camera/camera.ts";
import { loadEngine } from "../detection/engines.ts";
import { everyFace } from "../detection/face_selection.ts";
import type { Frame } from "../image/frame.ts";
import { decodePng } from "../image/png.ts";
import { DETECTION_SETTINGS } from "./detection.ts";
import { eyeCheck, openSelector, passesFilter, SELECTION_SETTINGS } from "./selection.ts";
import { readSettings } from "../settings/read.ts";

const portrait = decodePng(await Deno.readFile(asset("lib/camera/sample/astronaut.png")));
const FRAME: Frame = {
  ...portrait,
  pixels: { kind: "rgb24", rgb: portrait.rgb },
  capturedMs: 0,
  sourceTimeMs: 0,
};
const FACE = { x: 176, y: 66, width: 95, height: 95 };
const LANDMARKS = [[200.1, 101.8], [247.1, 102.6], [220.4, 124.5], [198.6, 142.8], [239.7, 143.6]]
  .map(([x, y]) => ({ x, y }));
const SLEEVE = { x: 60, y: 380, width: 120, height: 120 };

const { engine } = DETECTION_SETTINGS;

/** The boxes that are selected with these flags from a frame that is shown twice, or `times`. */
async function selected(args: string[], stills?: true, times = 2) {
  const settings = readSettings("detector", { ...SELECTION_SETTINGS, engine }, { args, env: {} });
  const camera: Camera = { name: "x", live: false, ...(stills && { stills }), frames: async function* () {} };
  const selector = await openSelector(settings, camera);
  const faces = Array.from(
    { length: times },
    (_, nth) => selector.update({ ...FRAME, sourceTimeMs: nth * 100 }, [FACE, SLEEVE]),
  ).flat();
  return [...faces, ...selector.flush()].map(({ box }) => box.x);
}

Deno.test("--eyes on drops detections without an eye: of visits, with --faces every, and of pictures", async () => {
  assert.deepEqual(await selected([]), [FACE.x, SLEEVE.x]);
  assert.deepEqual(await selected(["--eyes", "on"]), [FACE.x]);
  assert.deepEqual(await selected(["--faces", "every", "--eyes", "on"]), [FACE.x, FACE.x]);
  assert.deepEqual(await selected(["--eyes", "on"], true), [FACE.x, FACE.x]);
  assert.deepEqual(await selected([], true), [FACE.x, SLEEVE.x, FACE.x, SLEEVE.x]);
});

Deno.test("without --confirm a visit needs two detections, with the engine yunet three", async () => {
  assert.deepEqual(await selected(["--engine", "yunet"]), []);
  assert.deepEqual(await selected(["--engine", "yunet"], undefined, 3), [FACE.x, SLEEVE.x]);
  assert.deepEqual(await selected(["--engine", "yunet", "--confirm", "2/4"]), [FACE.x, SLEEVE.x]);
});

Deno.test("eyeCheck() of yunet looks for both eyes there, and loads no cascade", async () => {
  const [face, blank] = everyFace(0.2).update(FRAME, [{ ...FACE, landmarks: LANDMARKS }, SLEEVE]);
  const hasEyes = await eyeCheck(await loadEngine("yunet"));
  assert.ok(hasEyes(face));
  assert.ok(!hasEyes(blank), "no landmarks");
  assert.ok(!hasEyes({ ...face, box: { ...face.box, width: 200 } }), "eyes at one side");
});

Deno.test("a detection passes with any weight, unless --min-weight is set", () => {
  const settings = (...args: string[]) => readSettings("detector", SELECTION_SETTINGS, { args, env: {} });
  const weighing = (weight?: number) => ({ ...FACE, ...(weight !== undefined && { weight }) });
  for (const weight of [-0.7, 0, 5, undefined]) {
    assert.ok(passesFilter(weighing(weight), settings()), `${weight}`);
  }
  const sure = settings("--min-weight", "3");
  assert.deepEqual([2.9, 3, undefined].map((weight) => passesFilter(weighing(weight), sure)), [
    false,
    true,
    true,
  ]);
  assert.ok(!passesFilter(FACE, settings("--ignore", "0,0,640,480")));
});
