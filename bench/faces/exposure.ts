/** What lens and sensor make of a picture: light, blur, noise, and the planes of a camera (BT.601, limited range). */
import type { Picture } from "../../lib/image/crop.ts";
import type { SearchPlane } from "../../lib/image/frame.ts";
import type { Random } from "./backgrounds.ts";

export interface Exposure {
  /** Factors of all samples at the left and the right edge. */
  readonly light: readonly [left: number, right: number];
  /** Half width of a box filter that runs twice, pixels; 0: no blur. */
  readonly blurPx: number;
  /** Standard deviation of the noise on luma, steps of 256; on chroma it is half of it. */
  readonly noise: number;
  readonly gray: boolean;
}

/** The planes that a camera delivers of a picture with even sides. */
export function exposed(
  picture: Picture,
  { light, blurPx, noise, gray }: Exposure,
  random: Random,
): SearchPlane {
  const { width, height } = picture;
  const rgb = blurPx > 0 ? blurred(blurred(picture, blurPx), blurPx).rgb : picture.rgb;
  const [y, u, v] = [width * height, width * height / 4, width * height / 4].map((size) =>
    new Uint8Array(size)
  );
  const [lumaNoise, chromaNoise] = [noiseOf(random, noise), noiseOf(random, noise / 2)];
  for (let row = 0, at = 0; row < height; row++) {
    for (let column = 0; column < width; column++, at++) {
      const gain = light[0] + (light[1] - light[0]) * column / width;
      const red = Math.min(255, rgb[at * 3] * gain);
      const green = Math.min(255, rgb[at * 3 + 1] * gain);
      const blue = Math.min(255, rgb[at * 3 + 2] * gain);
      y[at] = limited(16 + (65.481 * red + 128.553 * green + 24.966 * blue) / 255 + lumaNoise(), 235);
      if (gray || column % 2 || row % 2) continue;
      const square = (row >> 1) * (width >> 1) + (column >> 1);
      u[square] = limited(128 + (-37.797 * red - 74.203 * green + 112 * blue) / 255 + chromaNoise(), 240);
      v[square] = limited(128 + (112 * red - 93.786 * green - 18.214 * blue) / 255 + chromaNoise(), 240);
    }
  }
  const plane = { gray: y, limitedRange: true, width, height };
  return gray ? plane : { ...plane, chroma: { u, v, matrix: "bt601" } };
}

function limited(value: number, most: number): number {
  return Math.min(most, Math.max(16, Math.round(value)));
}

/** Number of normal deviates that are computed once. */
const DEVIATES = 2 ** 17;
let deviates: Float32Array | undefined;

/** Normal deviates: those of a table, from a random place on. The sum of twelve uniform ones has nearly their distribution. */
function noiseOf(random: Random, deviation: number): () => number {
  deviates ??= Float32Array.from({ length: DEVIATES }, () => {
    let sum = -6;
    for (let nth = 0; nth < 12; nth++) sum += random();
    return sum;
  });
  const table = deviates;
  let at = Math.floor(random() * DEVIATES);
  return () => table[at = (at + 1) % DEVIATES] * deviation;
}

/** A box filter along rows and columns; at the edges it is narrower. */
function blurred({ width, height, rgb }: Picture, halfPx: number): Picture {
  const rows = new Float32Array(rgb.length);
  for (let start = 0; start < rgb.length; start += width * 3) {
    average(rgb.subarray(start, start + width * 3), rows.subarray(start, start + width * 3), 3, halfPx);
  }
  const all = new Float32Array(rgb.length);
  average(rows, all, width * 3, halfPx);
  return { width, height, rgb: Uint8Array.from(all, Math.round) };
}

/** The moving average of groups of `step` numbers, each number with those at its place in the groups around. */
function average(from: ArrayLike<number>, to: Float32Array, step: number, half: number): void {
  const groups = from.length / step;
  const sums = new Float64Array(step);
  let [first, end] = [0, 0]; // The sums are those of the groups from `first` to before `end`.
  for (let group = 0; group < groups; group++) {
    for (; end < Math.min(groups, group + half + 1); end++) {
      for (let at = 0; at < step; at++) sums[at] += from[end * step + at];
    }
    for (; first < group - half; first++) {
      for (let at = 0; at < step; at++) sums[at] -= from[first * step + at];
    }
    for (let at = 0; at < step; at++) to[group * step + at] = sums[at] / (end - first);
  }
}
