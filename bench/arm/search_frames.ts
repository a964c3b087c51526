/**
 * Searches frames with the project's kernels, for instruction_count.ts: `search_frames.ts FRAMES ROUNDS`. It calls umask()
 * before each round of a search and after the last one (count_instructions.c), and prints a line of JSON for each search.
 */
import type { Box, SearchPlane } from "../../lib/image/frame.ts";
import { HaarDetector } from "../../lib/haar/haar_detector.ts";
import { shippedCascade } from "../../lib/haar/shipped_cascade.ts";
import { YuNetDetector } from "../../lib/yunet/yunet_detector.ts";
import { type Found, FRAME_BYTES, HEIGHT, type Search, SEARCHES, WIDTH } from "./searches.ts";

const MIN_SCORE = 0.7;

/** The detector of a search, as a function. */
function detectorOf({ haar, halvings = 0 }: Search): (frame: SearchPlane) => readonly Box[] {
  if (haar) {
    const detector = new HaarDetector(
      shippedCascade("haarcascade_frontalface_default.xml", "compiled"),
      haar,
    );
    return (frame) => detector.detect(frame);
  }
  const detector = new YuNetDetector({ minScore: MIN_SCORE });
  return (frame) => detector.detect(frame, { x: 0, y: 0, width: WIDTH, height: HEIGHT, halvings });
}

function frameOf(file: Uint8Array<ArrayBuffer>, nth: number): SearchPlane {
  const luma = WIDTH * HEIGHT;
  const at = nth * FRAME_BYTES;
  const part = (from: number, length: number) => file.subarray(at + from, at + from + length);
  const chroma = { u: part(luma, luma / 4), v: part(luma * 5 / 4, luma / 4) };
  return { width: WIDTH, height: HEIGHT, gray: part(0, luma), chroma };
}

const [path, rounds] = Deno.args;
const file = Deno.readFileSync(path);
let marks = 0;
for (const search of SEARCHES) {
  const frames = Array.from({ length: search.frames }, (_, nth) => frameOf(file, nth));
  const detect = detectorOf(search);
  const boxes = frames.map((frame) =>
    detect(frame).map(({ x, y, width, height }) => [x, y, width, height].map(Math.round))
  );
  const found: Found = { name: search.name, boxes };
  console.log(JSON.stringify(found));
  for (let round = 0; round < Number(rounds); round++) {
    Deno.umask(++marks);
    for (const frame of frames) detect(frame);
  }
  Deno.umask(++marks);
}
