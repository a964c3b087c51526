/** The boxes we find are the boxes native OpenCV finds: the same sets, frame by frame. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { openCamera } from "../../lib/camera/open_camera.ts";
import { detectFrames } from "../../lib/detection/frame_pipeline.ts";
import type { EngineName } from "../../lib/detection/engines.ts";
import { startPool } from "../../lib/detection/pool.ts";
import { cascadeFile } from "../../lib/haar/shipped_cascade.ts";
import { type Box, grayPlane } from "../../lib/image/frame.ts";
import { MEDIA, needs } from "../needs.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const CASCADE = await Deno.readFile(cascadeFile("haarcascade_frontalface_default.xml"));
const never = new AbortController().signal;

const HOMEWORK = { scaleFactor: 1.3, minNeighbors: 5, minSize: 0, maxSize: 0 };
const FINE = { scaleFactor: 1.1, minNeighbors: 5, minSize: 60, maxSize: 0 };
const SETS = { "sf1.3_mn5": HOMEWORK, "sf1.1_mn5_min60": FINE };

/** Boxes as OpenCV writes them, sorted: threads may change the order of a frame's boxes, never the set. */
type Boxes = number[][];

const sorted = (boxes: Boxes) => boxes.map(String).sort();

/** The boxes of every frame of a source, and the MD5 of every gray plane. */
async function search(
  source: string,
  settings: typeof HOMEWORK,
  engine: EngineName = "haarlem",
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

for (const engine of ["haarlem", "opencv"] as const) {
  Deno.test(`our own picture: the boxes of native OpenCV, for both parameter sets (${engine})`, async () => {
    const picture = `${ROOT}lib/camera/sample/astronaut.png`;
    assert.deepEqual((await search(picture, HOMEWORK, engine)).boxes, [[[176, 66, 95, 95]]]);
    assert.deepEqual((await search(picture, FINE, engine)).boxes, [[[177, 66, 95, 95]]]);
  });
}

for (const name of ["astronaut.png", "chelsea.png", "group.png", "rocket.png", "signer.png"]) {
  Deno.test(`${name}: gray plane and boxes equal the truth`, { ignore: !MEDIA }, async () => {
    const truth = JSON.parse(await Deno.readTextFile(`${MEDIA}/${name.replace(".png", ".truth.json")}`));
    for (const [set, settings] of Object.entries(SETS)) {
      const { boxes, md5 } = await search(`${MEDIA}/${name}`, settings);
      assert.deepEqual(md5, [truth.gray_md5]);
      assert.deepEqual(sorted(boxes[0]), sorted(truth.boxes[set]));
    }
  });
}

for (const name of ["pub_signers.mp4", "pub_group.mp4", "pub_backs.mp4"]) {
  const options = MEDIA ? needs("ffmpeg") : { ignore: true };
  Deno.test(`${name}: gray planes and boxes of every frame equal the truth`, options, async () => {
    const truth =
      JSON.parse(await Deno.readTextFile(`${MEDIA}/${name.replace(".mp4", ".truth.json")}`)).variants
        .ffmpeg_gray;
    for (const [set, settings] of Object.entries(SETS)) {
      const { boxes, md5 } = await search(`${MEDIA}/${name}`, settings);
      assert.deepEqual(md5, truth.gray_md5);
      assert.deepEqual(boxes.map(sorted), truth.boxes[set].map(sorted));
    }
  });
}
