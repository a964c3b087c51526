/**
 * The network in plain TypeScript, for tests: every operation in f32 and in the kernel's order, so that the kernel's
 * numbers are the same where the processor has a fused multiply-add.
 */
import type { Size } from "../image/frame.ts";
import type { FirstLayer, Tap } from "./first_layer.ts";
import { DENSE_BLOCK, FIRST_HEAD, FIRST_OUTPUTS, outputBlock, type Unit, UNITS } from "./network.ts";
import { extended } from "./plan.ts";
import type { Weights } from "./weights.ts";

/** Values of all channels: channel c of pixel (x, y) is at `(y * width + x) * channels + c`. */
export interface Map extends Size {
  readonly channels: number;
  readonly values: Float32Array;
}

/** A plane of the frame as the first layer reads it: black is 0. */
export interface ReferencePlane extends Size {
  readonly values: Float32Array;
}

const { fround } = Math;

const sumAsFloat = new Float64Array(1);
const sumAsBits = new BigInt64Array(sumAsFloat.buffer);

/**
 * `a * b + c` of f32 with one rounding. The product of two f32 is exact in f64, but the sum is rounded to f64 and then
 * to f32, which may differ from one rounding. So the sum is rounded to odd first: where it is not exact, the neighbour
 * with an odd last bit is taken, which no later rounding mistakes for a tie.
 * Source: Boldo and Melquiond, "Emulation of FMA and correctly rounded sums", IEEE Transactions on Computers, 2008.
 */
export function multiplyAdd(a: number, b: number, c: number): number {
  const product = a * b;
  const sum = product + c;
  const part = sum - product;
  const error = (product - (sum - part)) + (c - part);
  if (error !== 0) {
    sumAsFloat[0] = sum;
    if ((sumAsBits[0] & 1n) === 0n) sumAsBits[0] += (error > 0) === (sum > 0) ? 1n : -1n;
    return fround(sumAsFloat[0]);
  }
  return fround(sum);
}

/** The three heads' numbers, HEAD_OUTPUTS for each cell. */
export function referenceHeads(
  planes: readonly ReferencePlane[],
  first: FirstLayer,
  weights: Weights,
  frame: Size,
): Map[] {
  const finish = (sums: Map, index: number) =>
    depthwiseMap(sums, weights.values.subarray(weights.units[index].depthwise), index < FIRST_HEAD);
  const sumsOf = (map: Map, index: number, half?: Map) =>
    pointwiseMap(map, UNITS[index], weights.values.subarray(weights.units[index].pointwise), half);
  const run = (map: Map, ...units: number[]) =>
    units.reduce((map, index) => finish(sumsOf(map, index), index), map);
  /** A unit for the sum of two planes: the coarse one is half as large. */
  const runSum = (fine: Map, coarse: Map, index: number) =>
    finish(sumsOf(fine, index, sumsOf(coarse, index)), index);
  const quarter = pooled(run(firstMap(planes, first, frame), 0));
  const eighth = run(pooled(run(quarter, 1, 2, 3, 4)), 5, 6);
  const sixteenth = run(pooled(eighth), 7, 8);
  const coarse = run(pooled(sixteenth), 9, 10, 11);
  const middle = runSum(sixteenth, coarse, 12);
  const fine = runSum(eighth, middle, 13);
  return [run(fine, 14), run(middle, 15), run(coarse, 16)];
}

function firstMap(
  planes: readonly ReferencePlane[],
  { taps, sources, weights }: FirstLayer,
  frame: Size,
): Map {
  const whole = extended(frame);
  const read = ({ source, column, row }: Tap, x: number, y: number) => {
    const step = sources[source].isHalf ? 1 : 2;
    const { width, height, values } = planes[source];
    const [left, top] = [step * x + column, step * y + row];
    return left < 0 || top < 0 || left >= width || top >= height ? 0 : values[top * width + left];
  };
  return mapOf(whole.width / 2, whole.height / 2, FIRST_OUTPUTS, (x, y, output) => {
    const block = Math.floor(output / DENSE_BLOCK) * DENSE_BLOCK * (taps.length + 1) + output % DENSE_BLOCK;
    let sum = weights[block];
    taps.forEach((tap, nth) => {
      sum = multiplyAdd(read(tap, x, y), weights[block + (nth + 1) * DENSE_BLOCK], sum);
    });
    return Math.max(0, sum);
  });
}

/** Sums start with the biases, or with those of a map of half the size. */
function pointwiseMap(map: Map, unit: Unit, weights: Float32Array, half?: Map): Map {
  const size = outputBlock(unit);
  return mapOf(map.width, map.height, unit.outputs, (x, y, output) => {
    const block = Math.floor(output / size) * size * (unit.inputs + 1) + output % size;
    const from = (y * map.width + x) * unit.inputs;
    let sum = half ? half.values[((y >> 1) * half.width + (x >> 1)) * unit.outputs + output] : weights[block];
    for (let input = 0; input < unit.inputs; input++) {
      sum = multiplyAdd(map.values[from + input], weights[block + (input + 1) * size], sum);
    }
    return sum;
  });
}

function depthwiseMap(
  { width, height, channels, values }: Map,
  weights: Float32Array,
  hasRelu: boolean,
): Map {
  return mapOf(width, height, channels, (x, y, channel) => {
    const group = (channel >> 2) * 40 + (channel & 3);
    let sum = weights[group];
    for (let column = 0; column < 3; column++) {
      for (let row = 0; row < 3; row++) {
        const [left, top] = [x + column - 1, y + row - 1];
        if (left < 0 || top < 0 || left >= width || top >= height) continue;
        const value = values[(top * width + left) * channels + channel];
        sum = multiplyAdd(value, weights[group + (column * 3 + row + 1) * 4], sum);
      }
    }
    return hasRelu ? Math.max(0, sum) : sum;
  });
}

function pooled({ width, height, channels, values }: Map): Map {
  return mapOf(width / 2, height / 2, channels, (x, y, channel) => {
    const at = (left: number, top: number) => values[(top * width + left) * channels + channel];
    return Math.max(at(2 * x, 2 * y), at(2 * x + 1, 2 * y), at(2 * x, 2 * y + 1), at(2 * x + 1, 2 * y + 1));
  });
}

function mapOf(
  width: number,
  height: number,
  channels: number,
  value: (x: number, y: number, channel: number) => number,
): Map {
  const values = new Float32Array(width * height * channels);
  let at = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let channel = 0; channel < channels; channel++) values[at++] = value(x, y, channel);
    }
  }
  return { width, height, channels, values };
}
