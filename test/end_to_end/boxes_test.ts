/** Our boxes are those that native OpenCV finds: the same sets, frame by frame. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { openCamera } from "../../lib/camera/open_camera.ts";
import { detectFrames } from "../../lib/detection/frame_pipeline.ts";
import type { EngineName } from "../../lib/detection/engines.ts";
import { startPool } from "../../lib/detection/pool.ts";
import { cascadeFile } from "../../lib/haar/shipped_cascade.ts";
import { type Box, grayPlane } from "../../lib/image/frame.ts";
import {
  CLIP_NAMES,
  PICTURE_NAMES,
  PICTURES,
  readTruth,
  SEARCHES,
  type SearchName,
  type Truth,
} from "../media/corpus.ts";
import { makeClip } from "../media/make_clip.ts";
import { MEDIA, needs } from "../needs.ts";

const CASCADE = await Deno.readFile(cascadeFile("haarcascade_frontalface_default.xml"));
const never = new AbortController().signal;

/** Boxes as OpenCV writes them: `[x, y, width, height]`. */
type Boxes = readonly (readonly number[])[];

/** Threads may change the order of a frame's boxes, never the set. */
const sorted = (boxes: Boxes) => boxes.map(String).sort();

/** The boxes of every frame of a source, and the MD5 of every gray plane. */
async function search(
  source: string,
  settings: typeof SEARCHES[SearchName],
  engine: EngineName = "haar",
): Promise<{ boxes: Boxes[]; md5: string[] }> {
  const camera = await openCamera(source, {
    ffmpegOptions: [],
    realtime: false,
    repeat: false,
    stallMs: 0,
    onChange: () => {},
    onUnreadable: (name, reason) => assert.fail(`${name}: ${reason}`),
  });
  await using pool = await startPool({ engine, options: { ...settings, cascade: CASCADE } }, { threads: 2 });
  const found: { boxes: Boxes[]; md5: string[] } = { boxes: [], md5: [] };
  const frames = detectFrames(camera.frames({ signal: never }), pool, {
    live: false,
    onSkipped: assert.fail,
  });
  for await (const { frame, boxes } of frames) {
    found.boxes.push(boxes.map(({ x, y, width, height }: Box) => [x, y, width, height]));
    found.md5.push(createHash("md5").update(grayPlane(frame)).digest("hex"));
  }
  return found;
}

/** Searches a source with every parameter set and compares planes and boxes with those of OpenCV. */
async function compare(source: string, truth: Pick<Truth, "grayMd5" | "boxes">, engine?: EngineName) {
  for (const [name, settings] of Object.entries(SEARCHES)) {
    const { boxes, md5 } = await search(source, settings, engine);
    assert.deepEqual(md5, truth.grayMd5);
    assert.deepEqual(boxes.map(sorted), truth.boxes[name as SearchName].map(sorted), name);
  }
}

for (const engine of ["haar", "opencv"] as const) {
  for (const name of PICTURE_NAMES) {
    Deno.test(`picture ${name}, engine ${engine}: gray plane and boxes equal OpenCV's`, async () => {
      await compare(PICTURES[name], await readTruth(name), engine);
    });
  }
}

for (const name of CLIP_NAMES) {
  Deno.test(
    `clip ${name}: gray planes and boxes of every frame equal OpenCV's`,
    needs("ffmpeg"),
    async () => {
      await using clip = await makeClip(name);
      await compare(clip.path, await readTruth(name));
    },
  );
}

// More clips and pictures with known boxes, where they lie beside the project.
const beside = MEDIA ? Array.from(Deno.readDirSync(MEDIA), ({ name }) => name).sort() : [];
for (const file of beside.filter((name) => name.endsWith(".truth.json"))) {
  Deno.test(
    `${file}, beside the project: gray planes and boxes equal OpenCV's`,
    needs("ffmpeg"),
    async () => {
      const truth = JSON.parse(await Deno.readTextFile(`${MEDIA}/${file}`));
      const { gray_md5: md5, boxes } = truth.variants?.ffmpeg_gray ?? truth;
      const isClip = Array.isArray(md5);
      const searches = Object.keys(SEARCHES).map((name) => [name, isClip ? boxes[name] : [boxes[name]]]);
      const grayMd5 = isClip ? md5 : [md5];
      await compare(`${MEDIA}/${truth.file}`, { grayMd5, boxes: Object.fromEntries(searches) });
    },
  );
}
