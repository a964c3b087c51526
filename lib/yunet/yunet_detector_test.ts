/** The kernel's numbers are those of the reference network, of onnxruntime, and its faces those of OpenCV. */
import assert from "node:assert/strict";
import type { SearchPlane } from "../image/frame.ts";
import { decodePng } from "../image/png.ts";
import { randomNumbers } from "../testing/planes.ts";
import type { YuNetFace } from "./faces.ts";
import { firstLayer, type Format } from "./first_layer.ts";
import type { Head } from "./plan.ts";
import { referenceHeads } from "./reference_network.ts";
import { loadWeights } from "./weights.ts";
import { type RgbPicture, YuNetDetector } from "./yunet_detector.ts";

const PICTURE = decodePng(await Deno.readFile(new URL("../camera/sample/astronaut.png", import.meta.url)));
const EXPECTED = new URL("expected/", import.meta.url);

/** What FaceDetectorYN gives: x, y, width, height, ten numbers of landmarks, score. */
interface ExpectedFaces {
  readonly width: number;
  readonly height: number;
  readonly faces: readonly (readonly number[])[];
}

/** The picture at another size, each pixel the nearest one. */
function scaledPicture(width: number, height: number): RgbPicture {
  const rgb = new Uint8Array(width * height * 3);
  for (let y = 0, at = 0; y < height; y++) {
    const row = Math.floor(y * PICTURE.height / height) * PICTURE.width;
    for (let x = 0; x < width; x++, at += 3) {
      const from = (row + Math.floor(x * PICTURE.width / width)) * 3;
      rgb.set(PICTURE.rgb.subarray(from, from + 3), at);
    }
  }
  return { rgb, width, height };
}

/** A frame of random luma, and of random chroma where there is a matrix. */
function randomFrame(width: number, height: number, { matrix, limitedRange }: Format): SearchPlane {
  const random = randomNumbers(width * height);
  const plane = (length: number) => Uint8Array.from({ length }, () => Math.floor(random() * 256));
  const half = Math.ceil(width / 2) * Math.ceil(height / 2);
  const gray = plane(width * height);
  return {
    width,
    height,
    gray,
    limitedRange,
    ...matrix && { chroma: { u: plane(half), v: plane(half), matrix } },
  };
}

/** A head's numbers, cell by cell. */
function numbersOf(head: Head): Float32Array {
  const numbers: number[] = [];
  for (let y = 0; y < head.rows; y++) {
    for (let x = 0; x < head.columns; x++) {
      for (let group = 0; group < 4; group++) {
        const at = head.quad(group, x, y);
        numbers.push(...head.values.subarray(at, at + 4));
      }
    }
  }
  return Float32Array.from(numbers);
}

const SETTINGS = { minScore: 0.7 };
const detector = new YuNetDetector(SETTINGS);

for (
  const [width, height, format] of [
    [96, 64, {}],
    [33, 31, { limitedRange: true }],
    [70, 50, { matrix: "bt601", limitedRange: true }],
    [65, 47, { matrix: "bt709" }],
  ] satisfies [number, number, Format][]
) {
  Deno.test(`a random frame of ${width}x${height}, ${JSON.stringify(format)}, gives the reference's numbers`, () => {
    const frame = randomFrame(width, height, format);
    const weights = loadWeights();
    const first = firstLayer(weights.first, format);
    const pixels = [frame.gray, frame.chroma?.u, frame.chroma?.v];
    const planes = first.sources.map(({ isHalf, black }, index) => ({
      width: isHalf ? Math.ceil(width / 2) : width,
      height: isHalf ? Math.ceil(height / 2) : height,
      values: Float32Array.from(pixels[index]!, (value) => value - black),
    }));
    const expected = referenceHeads(planes, first, weights, frame);
    detector.run(randomFrame(640, 480, format)); // what an earlier frame leaves in the memory must not count
    detector.run(frame).forEach((head, index) => {
      // A zero that is left out may give 0 instead of -0.
      assert.ok(numbersOf(head).every((value, at) => value === expected[index].values[at]), `head ${index}`);
    });
  });
}

Deno.test("luma and chroma give the numbers of the same frame in red, green and blue", () => {
  const [width, height] = [64, 32];
  const weights = loadWeights();
  const frame = randomFrame(width, height, { matrix: "bt601", limitedRange: true });
  const { u, v } = frame.chroma!;
  // The inverse of the matrix in ITU-R BT.601, not clipped.
  const rgb = (of: (y: number, u: number, v: number) => number) => ({
    width,
    height,
    values: Float32Array.from(frame.gray, (luma, at) => {
      const chroma = Math.floor(at / width / 2) * (width / 2) + Math.floor(at % width / 2);
      return of((luma - 16) / 219 * 255, (u[chroma] - 128) / 224 * 255, (v[chroma] - 128) / 224 * 255);
    }),
  });
  const planes = [
    rgb((y, _, v) => y + 1.402 * v),
    rgb((y, u, v) => y - 0.344136 * u - 0.714136 * v),
    rgb((y, u) => y + 1.772 * u),
  ];
  const expected = referenceHeads(planes, firstLayer(weights.first, { isRgb: true }), weights, frame);
  detector.run(frame).forEach((head, index) => {
    const difference = numbersOf(head).map((value, at) => Math.abs(value - expected[index].values[at]));
    assert.ok(Math.max(...difference) < 5e-4, `${Math.max(...difference)}`);
  });
});

Deno.test("the numbers of the picture are onnxruntime's", async () => {
  const bytes = await Deno.readFile(new URL("heads.bin", EXPECTED));
  const expected = new Float32Array(bytes.buffer);
  const found = detector.run(scaledPicture(100, 90)).flatMap((head) => [...numbersOf(head)]);
  assert.equal(found.length, expected.length);
  const difference = Math.max(...found.map((value, at) => Math.abs(value - expected[at])));
  assert.ok(difference < 1e-4, `${difference}`);
});

for (
  const { width, height, faces } of JSON.parse(
    Deno.readTextFileSync(new URL("faces.json", EXPECTED)),
  ) as ExpectedFaces[]
) {
  Deno.test(`the faces of the picture at ${width}x${height} are OpenCV's`, () => {
    const found = detector.detect(scaledPicture(width, height)).map(numbersOfFace);
    assert.equal(found.length, faces.length);
    found.flat().forEach((number, at) =>
      assert.ok(Math.abs(number - faces.flat()[at]) < 2e-3, `number ${at}`)
    );
  });
}

function numbersOfFace({ x, y, width, height, landmarks, score }: YuNetFace): number[] {
  return [x, y, width, height, ...landmarks.flatMap(({ x, y }) => [x, y]), score];
}
