/**
 * The part of bench:kernel about YuNet: our kernel, OpenCV's FaceDetectorYN and onnxruntime-web, each on one thread, on the
 * same pictures. The contenders take turns.
 * - Ours takes luma and chroma, as a camera gives them; the others take the blue, green and red of each pixel.
 * - Faces and numbers are compared on the same red, green and blue.
 */
import { HEAD } from "../lib/yunet/network.ts";
import { asPlanes } from "../lib/yunet/expected/picture.ts";
import type { Head } from "../lib/yunet/plan.ts";
import { type RgbPicture, YuNetDetector } from "../lib/yunet/yunet_detector.ts";
import type { YuNetFace } from "../lib/yunet/faces.ts";
import { costsOf } from "./costs_of.ts";
import { median } from "./run_bench.ts";
import {
  MIN_SCORE,
  type NamedPicture,
  type NativeYuNet,
  type OnnxWeb,
  startNativeYuNet,
  startOnnxWeb,
  yunetPictures,
} from "./yunet_contenders.ts";

/** Numbers of the network may differ by this much, and coordinates of faces by the second, in pixels. */
const MAX_DIFFERENCE = 1e-4;
const MAX_PIXELS = 0.01;
/** V8 optimises the kernel's functions one by one, after some frames. */
const WARM_UP_ROUNDS = 25;
const COST_SIZES = [[640, 480], [320, 240], [1280, 720]] as const;
/** The settings of a Haar search, which YuNet does not use. */
const NO_SETTINGS = { scaleFactor: 1.1, minNeighbors: 0, minSize: 0, maxSize: 0 };

interface Times {
  readonly size: string;
  /** Ours, native, onnxruntime-web, in milliseconds. */
  readonly medians: readonly number[];
  readonly minimums: readonly number[];
}

/** Prints the comparison. Returns whether all faces and numbers are equal. */
export async function benchYuNet(rounds: number): Promise<boolean> {
  const pictures = await yunetPictures();
  await using native = await startNativeYuNet(pictures);
  await using web = await startOnnxWeb(pictures);
  const detector = new YuNetDetector({ minScore: MIN_SCORE });
  const faces = await equalFaces(detector, native, pictures);
  const difference = await largestDifference(detector, web, pictures);
  const times: Times[] = [];
  for (const [index, picture] of pictures.entries()) {
    const planes = asPlanes(picture);
    const figures = await measure(
      [
        () => {
          const startedMs = performance.now();
          detector.detect(planes);
          return Promise.resolve(performance.now() - startedMs);
        },
        async () => (await native.search(index)).ms,
        async () => (await web.search(index, false)).ms,
      ],
      rounds,
    );
    const size = `${picture.width}x${picture.height}`;
    times.push({ size, ...figures });
    console.log(lineOf(`yunet ${picture.name} ${size}`, figures.medians));
  }
  const fields: string[] = [];
  for (const size of new Set(times.map(({ size }) => size))) {
    const some = times.filter((time) => time.size === size);
    const [medians, minimums] = (["medians", "minimums"] as const).map((figure) =>
      [0, 1, 2].map((nth) => some.reduce((sum, time) => sum + time[figure][nth], 0) / some.length)
    );
    console.log(lineOf(`yunet mean ${size}`, medians));
    console.log(lineOf(`yunet fastest ${size}`, minimums));
    fields.push(
      `ours_ms_${size}=${medians[0].toFixed(2)} ratio_native_${size}=${
        (medians[1] / medians[0]).toFixed(2)
      } ` +
        `ratio_wasm_${size}=${(medians[2] / medians[0]).toFixed(2)} ` +
        `ratio_native_fastest_${size}=${(minimums[1] / minimums[0]).toFixed(2)}`,
    );
  }
  for (const [width, height] of COST_SIZES) {
    console.log(await costsOf("yunet", width, height, NO_SETTINGS));
  }
  console.log(
    `yunet ${fields.join(" ")} equal=${faces}/${pictures.length} largest_difference=${
      difference.toExponential(1)
    }`,
  );
  return faces === pictures.length && difference <= MAX_DIFFERENCE;
}

/** The number of pictures in which FaceDetectorYN finds the same faces in the same order. */
async function equalFaces(
  detector: YuNetDetector,
  native: NativeYuNet,
  pictures: readonly NamedPicture[],
): Promise<number> {
  let equal = 0;
  for (const [index, picture] of pictures.entries()) {
    const ours = detector.detect(picture).map(numbersOf);
    const { faces } = await native.search(index);
    const isSame = ours.length === faces.length &&
      ours.every((face, nth) => face.every((number, at) => Math.abs(number - faces[nth][at]) <= MAX_PIXELS));
    if (isSame) equal++;
  }
  return equal;
}

function numbersOf({ x, y, width, height, landmarks, score }: YuNetFace): number[] {
  return [x, y, width, height, ...landmarks.flatMap(({ x, y }) => [x, y]), score];
}

/** The largest difference between a number of ours and one of onnxruntime-web. */
async function largestDifference(
  detector: YuNetDetector,
  web: OnnxWeb,
  pictures: readonly RgbPicture[],
): Promise<number> {
  let largest = 0;
  for (const [index, picture] of pictures.entries()) {
    const { numbers } = await web.search(index, true);
    for (const head of detector.run(picture)) {
      for (const [name, values] of Object.entries(outputsOf(head))) {
        const expected = numbers[`${name}_${head.stride}`];
        values.forEach((value, at) => largest = Math.max(largest, Math.abs(value - expected[at])));
      }
    }
  }
  return largest;
}

/** A head's numbers as the model's outputs have them. */
function outputsOf(head: Head): Record<string, number[]> {
  const outputs: Record<string, number[]> = { cls: [], obj: [], bbox: [], kps: [] };
  const sigmoid = (value: number) => 1 / (1 + Math.exp(-value));
  for (let y = 0; y < head.rows; y++) {
    for (let x = 0; x < head.columns; x++) {
      const number = (index: number) => head.values[head.quad(index >> 2, x, y) + (index & 3)];
      outputs.cls.push(sigmoid(number(HEAD.class)));
      outputs.obj.push(sigmoid(number(HEAD.objectness)));
      for (let nth = 0; nth < 4; nth++) outputs.bbox.push(number(HEAD.box + nth));
      for (let nth = 0; nth < 10; nth++) outputs.kps.push(number(HEAD.landmarks + nth));
    }
  }
  return outputs;
}

/** Median and minimum milliseconds of each contender. They take turns. */
async function measure(contenders: readonly (() => Promise<number>)[], rounds: number) {
  const times = contenders.map((): number[] => []);
  for (let round = -WARM_UP_ROUNDS; round < rounds; round++) {
    for (const [nth, search] of contenders.entries()) {
      const ms = await search();
      if (round >= 0) times[nth].push(ms);
    }
  }
  return { medians: times.map(median), minimums: times.map((some) => Math.min(...some)) };
}

function lineOf(what: string, [ours, native, wasm]: readonly number[]): string {
  return `${what.padEnd(26)} ours ${ours.toFixed(2).padStart(6)} ms  FaceDetectorYN, 1 thread ` +
    `${native.toFixed(2).padStart(6)} ms (${(native / ours).toFixed(2)}x)  onnxruntime-web ` +
    `${wasm.toFixed(2).padStart(6)} ms (${(wasm / ours).toFixed(2)}x)`;
}
