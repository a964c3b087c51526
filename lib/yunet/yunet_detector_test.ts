/** The kernel's numbers are those of the reference network, of onnxruntime, and its faces those of OpenCV. */
import assert from "node:assert/strict";
import type { SearchPlane } from "../image/frame.ts";
import { randomNumbers } from "../testing/planes.ts";
import { skipUnless } from "../testing/skip.ts";
import { digestOfPicture, numbersOf, scaledPicture } from "./expected/picture.ts";
import type { YuNetFace } from "./faces.ts";
import { firstLayer, type Format } from "./first_layer.ts";
import { isFused, loadKernel } from "./kernel_module.ts";
import { multiplyAdd, referenceHeads } from "./reference_network.ts";
import { loadWeights } from "./weights.ts";
import { YuNetDetector } from "./yunet_detector.ts";

const EXPECTED = new URL("expected/", import.meta.url);

/** What FaceDetectorYN gives: x, y, width, height, ten numbers of landmarks, score. */
interface ExpectedFaces {
  readonly width: number;
  readonly height: number;
  readonly faces: readonly (readonly number[])[];
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

const SETTINGS = { minScore: 0.7 };
const detector = new YuNetDetector(SETTINGS);
const kernel = loadKernel();
const onFused = skipUnless(
  isFused(kernel),
  "equal bits of YuNet's numbers: this processor has no fused multiply-add",
  "run the tests on aarch64, or on an x86-64 with FMA",
);

Deno.test("multiplyAdd() of the reference rounds once, as the processor does", onFused, () => {
  const random = randomNumbers(1);
  const number = () => Math.fround((random() - 0.5) * 2 ** Math.floor(random() * 60 - 30));
  const step = 2 ** -23;
  const cases: [number, number, number][] = [
    [1 + step, 1 - step, -1],
    [1 + step, 2 ** -24, 1], // beyond the middle of two f32 by less than an f64 holds
    [-(1 + step), 2 ** -24, -1],
    [2 ** -60, 2 ** -60, 1 + step],
    [2 ** -75, 2 ** -75, 2 ** -149],
    ...Array.from({ length: 20_000 }, (): [number, number, number] => [number(), number(), number()]),
  ];
  for (const [a, b, c] of cases) {
    assert.ok(Object.is(multiplyAdd(a, b, c), kernel.multiplyAdd(a, b, c)), `${a} * ${b} + ${c}`);
  }
});

Deno.test(
  "the digest of the picture is that of every processor with fused multiply-add",
  onFused,
  async () => {
    assert.equal(await digestOfPicture(), Deno.readTextFileSync(new URL("digest.txt", EXPECTED)).trim());
  },
);

for (
  const [width, height, format] of [
    [96, 64, {}],
    [33, 31, { limitedRange: true }],
    [70, 50, { matrix: "bt601", limitedRange: true }],
    [65, 47, { matrix: "bt709" }],
  ] satisfies [number, number, Format][]
) {
  Deno.test(
    `a random frame of ${width}x${height}, ${JSON.stringify(format)}, gives the reference's numbers`,
    onFused,
    () => {
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
        assert.ok(
          numbersOf(head).every((value, at) => value === expected[index].values[at]),
          `head ${index}`,
        );
      });
    },
  );
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
