/** Searches in parts: single levels, and regions of the plane. */
import assert from "node:assert/strict";
import { ROOT } from "../testing/files.ts";
import { type Box, fullRange } from "../image/frame.ts";
import { cascadeFile } from "./shipped_cascade.ts";
import { groupCandidates } from "./opencv/grouping.ts";
import { HaarDetector } from "./haar_detector.ts";
import { liesIn } from "../image/boxes.ts";
import { cropped, noise, type Plane, randomNumbers, readPlane, scaled, stripes } from "../testing/planes.ts";

const FRONTAL = await Deno.readFile(cascadeFile("haarcascade_frontalface_default.xml"));
const PICTURE = await readPlane(`${ROOT}/lib/camera/sample/astronaut.png`);
const PLANES: Plane[] = [
  PICTURE,
  scaled(PICTURE, 640, 480),
  cropped(PICTURE, 101, 3, 233, 241),
  noise(320, 240, 3),
  stripes(331, 190, 12),
  besideStripes(PICTURE, 170),
];

/** A picture with stripes left of the face. The first stage rejects them all, so no lead recovers the skip state. */
function besideStripes({ gray, width, height }: Plane, stripesWidth: number): Plane {
  const striped = gray.map((pixel, at) => {
    if (at % width >= stripesWidth) return pixel;
    return Math.floor(at / width / 6) % 2 * 255;
  });
  return { gray: striped, width, height };
}

const settings = { scaleFactor: 1.1, minNeighbors: 3, minSize: 0, maxSize: 0 };

Deno.test("levels searched in any order and grouped in their own order give the faces of detect()", () => {
  const detector = new HaarDetector(FRONTAL, settings);
  for (const plane of PLANES) {
    const expected = detector.detect(plane);
    const levels = Array.from({ length: detector.load(plane) }, (_, level) => level);
    const found = levels.toReversed().map((level) => detector.searchLevel(level)).toReversed().flat();
    assert.deepEqual(groupCandidates(found, settings.minNeighbors, plane), expected);
  }
});

/** Results of opencv-python 4.6.0 on one thread for the gray plane of the picture. */
const TRUTH_110 = { x: 177, y: 66, width: 95, height: 95, neighbors: 40, weight: 5.829648021783214 };
const TRUTH_130 = { x: 176, y: 66, width: 95, height: 95, neighbors: 16, weight: 4.878680014924612 };

/** Regions of any position and size, also beyond the plane. */
function randomRegions({ width, height }: Plane, count: number, seed: number): Box[] {
  const random = randomNumbers(seed);
  const upTo = (most: number) => Math.floor(random() * most);
  return Array.from({ length: count }, () => {
    const [x, y] = [upTo(width) - 10, upTo(height) - 10];
    return { x, y, width: 20 + upTo(width), height: 20 + upTo(height) };
  });
}

Deno.test("a region has exactly those candidates of the whole plane that lie in it", () => {
  let found = 0;
  for (const scaleFactor of [1.1, 1.3]) {
    const detector = new HaarDetector(FRONTAL, { ...settings, scaleFactor });
    for (const [index, plane] of PLANES.entries()) {
      const { width, height } = plane;
      const all = detector.candidates(plane);
      for (const region of [{ x: 0, y: 0, width, height }, ...randomRegions(plane, 40, index)]) {
        const expected = all.filter((box) => liesIn(box, region));
        assert.deepEqual(detector.candidates(plane, region), expected, JSON.stringify(region));
        found += expected.length;
      }
    }
  }
  assert.ok(found > 300);
});

Deno.test("a region around a face finds it, a region beside it does not", () => {
  const detector = new HaarDetector(FRONTAL, settings);
  const [face, ...others] = detector.detect(PICTURE);
  assert.equal(others.length, 0);
  const around = { x: face.x - 30, y: face.y - 30, width: face.width + 60, height: face.height + 60 };
  assert.deepEqual(detector.detect(PICTURE, [around]), [face]);
  assert.deepEqual(detector.detect(PICTURE, [{ ...around, x: face.x + 30 }]), []);
  const elsewhere = { x: 0, y: 300, width: 200, height: 200 };
  assert.deepEqual(
    detector.detect(PICTURE, [elsewhere, around]),
    [face],
    "the plane is loaded once, for both regions",
  );
});

Deno.test("a box has the neighbours of cv2's detectMultiScale2 and the weight of detectMultiScale3", () => {
  for (const [scaleFactor, box] of [[1.1, TRUTH_110], [1.3, TRUTH_130]] as const) {
    const detector = new HaarDetector(FRONTAL, { ...settings, scaleFactor });
    assert.deepEqual(detector.detect(PICTURE), [box]);
  }
});

Deno.test("a plane in limited range has the candidates of its stretched plane", () => {
  const squeezed = PICTURE.gray.map((value) => 16 + Math.round(value * 219 / 255));
  const video = { ...PICTURE, gray: squeezed, limitedRange: true };
  const stretched = { ...PICTURE, gray: fullRange(video) };
  const detector = new HaarDetector(FRONTAL, settings);
  const expected = detector.candidates(stretched);
  assert.ok(expected.length > 0);
  assert.notDeepEqual(detector.candidates({ ...video, limitedRange: false }), expected);
  assert.deepEqual(detector.candidates(video), expected);
});
