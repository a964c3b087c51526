/** Compares the kernel with opencv-wasm on made-up cascades: windows of odd and large sizes, and few stages. */
import assert from "node:assert/strict";
import { ROOT } from "../testing/files.ts";
import type { Box } from "../image/frame.ts";
import { OpenCvDetector } from "../detection/opencv_detector.ts";
import { cascadeFile } from "./shipped_cascade.ts";
import { HaarDetector } from "./haar_detector.ts";
import { cropped, noise, readPlane, stripes } from "../testing/planes.ts";
import { inFullSuite } from "../testing/skip.ts";

const FRONTAL = await Deno.readTextFile(cascadeFile("haarcascade_frontalface_default.xml"));
const PICTURE = await readPlane(`${ROOT}/lib/camera/sample/astronaut.png`);
const PLANES = [
  cropped(PICTURE, 101, 3, 233, 241),
  cropped(PICTURE, 0, 200, 330, 199),
  noise(150, 110, 9),
  stripes(131, 190, 7),
  stripes(140, 150, 45), // White stripes give the largest sums.
];

const boxes = (found: Box[]) => found.map(({ x, y, width, height }) => `${x},${y},${width},${height}`);

/** Halves the position and the size of a rectangle. */
function halved(_: string, x: number, y: number, width: number, height: number, weight: string): string {
  return [x >> 1, y >> 1, width >> 1 || 1, height >> 1 || 1, weight].join(" ");
}

/**
 * The first stages of the frontal cascade in a window of another size. A window below 24 pixels gets halved features.
 */
function cascadeOf(width: number, height: number, stages: number): Uint8Array {
  const stage = "    <_>\n      <maxWeakCount>";
  const [head, ...all] = FRONTAL.split(stage);
  const features = FRONTAL.slice(FRONTAL.indexOf("    <features>"));
  const text = [head, ...all.slice(0, stages)].join(stage) + "</stages>\n" + features;
  const sized = text.replace("<height>24", `<height>${height}`).replace("<width>24", `<width>${width}`);
  const isSmall = Math.min(width, height) < 24;
  const fitting = isSmall ? sized.replace(/(\d+) (\d+) (\d+) (\d+) (-?\d+\.)/g, halved) : sized;
  return new TextEncoder().encode(fitting);
}

for (
  const [width, height] of [[12, 12], [13, 15], [24, 24], [25, 24], [24, 25], [24, 26], [27, 31], [36, 30], [
    63,
    63,
  ]]
) {
  for (const stages of [1, 3, 12]) {
    Deno.test(
      `a cascade of ${width}x${height} pixels and ${stages} stages finds OpenCV's boxes`,
      inFullSuite(),
      () => {
        const cascade = cascadeOf(width, height, stages);
        const settings = { scaleFactor: 1.2, minNeighbors: 0, minSize: 0, maxSize: 0 };
        const ours = new HaarDetector(cascade, settings);
        const theirs = new OpenCvDetector(cascade, settings);
        let found = 0;
        for (const plane of PLANES) {
          const expected = boxes(theirs.detect(plane));
          assert.deepEqual(boxes(ours.detect(plane)), expected);
          found += expected.length;
        }
        assert.ok(found > 0 || stages > 3);
      },
    );
  }
}
