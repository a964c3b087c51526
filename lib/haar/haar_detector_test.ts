/** Compares the kernel with opencv-wasm: the same windows and the same groups, in the same order. */
import assert from "node:assert/strict";
import { ROOT } from "../testing/files.ts";
import { PICTURES } from "../../test/media/corpus.ts";
import { needs } from "../../test/needs.ts";
import { findParts } from "../../test/parts.ts";
import { ConfigError } from "../errors.ts";
import type { Box } from "../image/frame.ts";
import type { HaarSettings } from "./haar_settings.ts";
import { OpenCvDetector } from "../detection/opencv_detector.ts";
import { cascadeFile } from "./shipped_cascade.ts";
import { HaarDetector } from "./haar_detector.ts";
import { cropped, flat, noise, type Plane, readPlane, scaled, stripes } from "../testing/planes.ts";
import { inFullSuite } from "../testing/skip.ts";

const FRONTAL = await Deno.readFile(cascadeFile("haarcascade_frontalface_default.xml"));
const FOLDER = findParts().cascades;
const PICTURE = await readPlane(`${ROOT}/lib/camera/sample/astronaut.png`);

const sizes = (minSize: number, maxSize: number) => ({ minSize, maxSize });
const boxes = (found: Box[]) => found.map(({ x, y, width, height }) => `${x},${y},${width},${height}`);

/** Runs both detectors on the same planes, without and with grouping. Returns the number of boxes. */
function compare(
  cascade: Uint8Array,
  settings: Omit<HaarSettings, "minNeighbors">,
  planes: Plane[],
): number {
  let found = 0;
  for (const minNeighbors of [0, 3]) {
    const ours = new HaarDetector(cascade, { ...settings, minNeighbors });
    const theirs = new OpenCvDetector(cascade, { ...settings, minNeighbors });
    for (const plane of planes) {
      const expected = boxes(theirs.detect(plane));
      assert.deepEqual(boxes(ours.detect(plane)), expected, `${plane.width}x${plane.height}`);
      if (minNeighbors === 0) assert.deepEqual(boxes(ours.candidates(plane)), expected);
      found += expected.length;
    }
  }
  return found;
}

for (const scaleFactor of [1.05, 1.1, 1.2, 1.3, 2, 3.7]) {
  Deno.test(
    `at a scale factor of ${scaleFactor} a picture and crops of odd sizes have OpenCV's boxes`,
    inFullSuite(),
    () => {
      const planes = [
        PICTURE,
        cropped(PICTURE, 101, 3, 233, 241),
        cropped(PICTURE, 150, 41, 131, 157),
        cropped(PICTURE, 7, 250, 255, 77),
      ];
      assert.ok(compare(FRONTAL, { scaleFactor, ...sizes(0, 0) }, planes) > 0);
    },
  );
}

for (const [min, max] of [[30, 0], [60, 0], [0, 100], [95, 95], [90, 92], [400, 0], [1000, 0], [25, 25]]) {
  Deno.test(`with sizes from ${min} to ${max} the boxes are OpenCV's`, inFullSuite(), () => {
    const planes = [PICTURE, cropped(PICTURE, 140, 30, 180, 170), cropped(PICTURE, 170, 60, 100, 99)];
    compare(FRONTAL, { scaleFactor: 1.1, ...sizes(min, max) }, planes);
  });
}

Deno.test("noisy, flat, striped, tiny, narrow and odd planes have OpenCV's boxes", inFullSuite(), () => {
  const planes = [
    ...[1, 23, 24, 25, 26, 40].map((side) => noise(side, side, side)),
    ...[[24, 300], [301, 24], [25, 57], [63, 31], [120, 119]].map(([w, h]) => noise(w, h, w)),
    ...[[24, 25], [26, 31], [48, 49]].map(([w, h]) => cropped(PICTURE, 190, 80, w, h)),
    ...[0, 1, 128, 255].map((gray) => flat(97, 61, gray)),
    ...[1, 2, 3, 7, 12].map((period) => stripes(131, 90, period)),
    noise(640, 480, 5),
  ];
  for (const scaleFactor of [1.1, 1.3]) compare(FRONTAL, { scaleFactor, ...sizes(0, 0) }, planes);
});

for (const [width, height] of [[640, 480], [1280, 720], [1920, 1080]]) {
  Deno.test(`a plane of ${width}x${height} has OpenCV's boxes`, inFullSuite(), () => {
    compare(FRONTAL, { scaleFactor: 1.3, ...sizes(0, 0) }, [scaled(PICTURE, width, height)]);
  });
}

Deno.test("a detector searches planes of changing sizes", inFullSuite(), () => {
  const planes = [
    PICTURE,
    cropped(PICTURE, 160, 50, 120, 121),
    scaled(PICTURE, 800, 600),
    noise(24, 24, 1),
    PICTURE,
    noise(386, 21, 2),
    PICTURE,
  ];
  compare(FRONTAL, { scaleFactor: 1.2, ...sizes(0, 0) }, planes);
});

for (const name of ["frontalface_alt", "frontalface_alt_tree", "profileface", "eye", "frontalcatface"]) {
  Deno.test(`haarcascade_${name} finds OpenCV's boxes`, needs("cascades"), async () => {
    const cascade = await Deno.readFile(`${FOLDER}/haarcascade_${name}.xml`);
    const planes = [PICTURE, noise(150, 110, 9), cropped(PICTURE, 131, 17, 211, 223)];
    for (const scaleFactor of [1.1, 1.3]) compare(cascade, { scaleFactor, ...sizes(0, 0) }, planes);
  });
}

const refused = [["frontalface_alt2", "trees"], ["fullbody", "tilted"], [
  "licence_plate_rus_16stages",
  "old format",
]];
for (const [name, why] of refused) {
  Deno.test(`haarcascade_${name} is refused with the reason "${why}"`, needs("cascades"), async () => {
    const cascade = await Deno.readFile(`${FOLDER}/haarcascade_${name}.xml`);
    const settings = { scaleFactor: 1.1, minNeighbors: 3, ...sizes(0, 0) };
    assert.throws(() => new HaarDetector(cascade, settings), (error) => {
      assert.ok(error instanceof ConfigError);
      assert.match(error.message, new RegExp(why));
      assert.equal(error.hint, "set --engine opencv");
      return true;
    });
  });
}

Deno.test("a file without a cascade is refused", () => {
  const settings = { scaleFactor: 1.1, minNeighbors: 3, ...sizes(0, 0) };
  const text = new TextDecoder().decode(FRONTAL);
  const wrong = [
    "",
    "hello",
    "<a></b>",
    "<a/>",
    text.slice(0, 10_000),
    text.replace("6 4 12 9 -1.", "6 4 99 9 -1."),
  ];
  for (const file of wrong) {
    assert.throws(
      () => new HaarDetector(new TextEncoder().encode(file), settings),
      ConfigError,
      file.slice(0, 20),
    );
  }
});

for (const name of ["hopper", "ascent", "camera", "coffee"] as const) {
  Deno.test(`picture ${name} has OpenCV's boxes`, inFullSuite(), async () => {
    const plane = await readPlane(PICTURES[name]);
    for (const scaleFactor of [1.1, 1.3]) compare(FRONTAL, { scaleFactor, ...sizes(0, 0) }, [plane]);
  });
}

Deno.test("a frame that is too large is refused with a hint", () => {
  const detector = new HaarDetector(FRONTAL, { scaleFactor: 1.3, minNeighbors: 3, ...sizes(0, 0) });
  for (const [width, height] of [[8_000, 8_000], [2 ** 17 + 1, 24]]) {
    assert.throws(
      () => detector.detect({ gray: new Uint8Array(0), width, height }),
      (error: ConfigError) => {
        assert.ok(error instanceof ConfigError);
        assert.match(error.hint!, /^set a smaller --size$/);
        return true;
      },
    );
  }
});
