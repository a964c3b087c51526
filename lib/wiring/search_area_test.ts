/** What the settings of selection and detection say about the area that is searched. */
import assert from "node:assert/strict";
import type { Frame } from "../image/frame.ts";
import { readSettings } from "../settings/read.ts";
import { DETECTION_SETTINGS, searchArea } from "./detection.ts";
import { SELECTION_SETTINGS } from "./selection.ts";

const frame: Frame = {
  width: 64,
  height: 48,
  pixels: { kind: "rgb24", rgb: new Uint8Array(64 * 48 * 3) },
  capturedMs: 0,
  sourceTimeMs: 0,
};

/** What is searched of the second of two equal frames. */
function ofStillFrame(args: string[], env: Record<string, string> = {}) {
  const settings = readSettings("detector", { ...DETECTION_SETTINGS, ...SELECTION_SETTINGS }, { args, env });
  const area = searchArea(settings, { name: "camera", live: true, frames: async function* () {} });
  area.of(frame);
  return area.of(frame);
}

Deno.test("--faces every searches each frame whole, unless --motion is set", () => {
  assert.deepEqual(ofStillFrame([]), []);
  assert.deepEqual(ofStillFrame(["--faces", "best"]), []);
  assert.equal(ofStillFrame(["--faces", "every"]), "all");
  assert.deepEqual(ofStillFrame(["--faces", "every", "--motion", "region"]), []);
  assert.deepEqual(ofStillFrame(["--faces", "every"], { HAARLEM_MOTION: "frame" }), []);
  assert.equal(ofStillFrame(["--motion", "off"]), "all");
});
