/**
 * The 1x1 convolution of a unit: each output is a weighted sum of the pixel's inputs. Five pixels by eight outputs are
 * summed at a time, in ten registers: so a weight is loaded once for five pixels, and a pixel once for eight outputs. Four
 * inputs of a pixel are loaded together and then spread one by one, because each load has a check of its bounds.
 */
import { QUAD_BYTES, RING_EXTRA, ROW_EXTRA } from "../layout";

/** Writes the outputs of the row at `from` to the ring row at `to`. */
export function pointwiseRow(
  from: usize,
  width: i32,
  inputs: i32,
  outputs: i32,
  weights: usize,
  to: usize,
): void {
  const ringGroupBytes = <usize> (width + RING_EXTRA) * QUAD_BYTES;
  for (let output = 0; output < outputs; output += 8) {
    // The pixel on the left is zero.
    pointwiseBlock(from, width, inputs, weights, to + QUAD_BYTES, ringGroupBytes);
    weights += <usize> (inputs + 1) << 5;
    to += 2 * ringGroupBytes;
  }
}

/** Eight outputs of a row: four at `to`, four `toGroupBytes` behind it. Sets the pixel on the right to zero. */
function pointwiseBlock(
  from: usize,
  width: i32,
  inputs: i32,
  weights: usize,
  to: usize,
  toGroupBytes: usize,
): void {
  const fromGroupBytes = <usize> (width + ROW_EXTRA) * QUAD_BYTES;
  const lowBias = v128.load(weights);
  const highBias = v128.load(weights, 16);
  const firstWeight = weights + 32;
  const lastWeight = firstWeight + (<usize> inputs << 5);
  const end = to + <usize> width * QUAD_BYTES;
  let first = to;
  for (; first < end; first += 80, from += 80) {
    let a0 = lowBias, a1 = lowBias, a2 = lowBias, a3 = lowBias, a4 = lowBias;
    let b0 = highBias, b1 = highBias, b2 = highBias, b3 = highBias, b4 = highBias;
    let pixel = from;
    for (let weight = firstWeight; weight < lastWeight; weight += 128) {
      const p0 = v128.load(pixel), p1 = v128.load(pixel, 16), p2 = v128.load(pixel, 32);
      const p3 = v128.load(pixel, 48), p4 = v128.load(pixel, 64);
      let low = v128.load(weight);
      let high = v128.load(weight, 16);
      let value = v128.shuffle<f32>(p0, p0, 0, 0, 0, 0);
      a0 = f32x4.relaxed_madd(value, low, a0);
      b0 = f32x4.relaxed_madd(value, high, b0);
      value = v128.shuffle<f32>(p1, p1, 0, 0, 0, 0);
      a1 = f32x4.relaxed_madd(value, low, a1);
      b1 = f32x4.relaxed_madd(value, high, b1);
      value = v128.shuffle<f32>(p2, p2, 0, 0, 0, 0);
      a2 = f32x4.relaxed_madd(value, low, a2);
      b2 = f32x4.relaxed_madd(value, high, b2);
      value = v128.shuffle<f32>(p3, p3, 0, 0, 0, 0);
      a3 = f32x4.relaxed_madd(value, low, a3);
      b3 = f32x4.relaxed_madd(value, high, b3);
      value = v128.shuffle<f32>(p4, p4, 0, 0, 0, 0);
      a4 = f32x4.relaxed_madd(value, low, a4);
      b4 = f32x4.relaxed_madd(value, high, b4);
      low = v128.load(weight, 32);
      high = v128.load(weight, 48);
      value = v128.shuffle<f32>(p0, p0, 1, 1, 1, 1);
      a0 = f32x4.relaxed_madd(value, low, a0);
      b0 = f32x4.relaxed_madd(value, high, b0);
      value = v128.shuffle<f32>(p1, p1, 1, 1, 1, 1);
      a1 = f32x4.relaxed_madd(value, low, a1);
      b1 = f32x4.relaxed_madd(value, high, b1);
      value = v128.shuffle<f32>(p2, p2, 1, 1, 1, 1);
      a2 = f32x4.relaxed_madd(value, low, a2);
      b2 = f32x4.relaxed_madd(value, high, b2);
      value = v128.shuffle<f32>(p3, p3, 1, 1, 1, 1);
      a3 = f32x4.relaxed_madd(value, low, a3);
      b3 = f32x4.relaxed_madd(value, high, b3);
      value = v128.shuffle<f32>(p4, p4, 1, 1, 1, 1);
      a4 = f32x4.relaxed_madd(value, low, a4);
      b4 = f32x4.relaxed_madd(value, high, b4);
      low = v128.load(weight, 64);
      high = v128.load(weight, 80);
      value = v128.shuffle<f32>(p0, p0, 2, 2, 2, 2);
      a0 = f32x4.relaxed_madd(value, low, a0);
      b0 = f32x4.relaxed_madd(value, high, b0);
      value = v128.shuffle<f32>(p1, p1, 2, 2, 2, 2);
      a1 = f32x4.relaxed_madd(value, low, a1);
      b1 = f32x4.relaxed_madd(value, high, b1);
      value = v128.shuffle<f32>(p2, p2, 2, 2, 2, 2);
      a2 = f32x4.relaxed_madd(value, low, a2);
      b2 = f32x4.relaxed_madd(value, high, b2);
      value = v128.shuffle<f32>(p3, p3, 2, 2, 2, 2);
      a3 = f32x4.relaxed_madd(value, low, a3);
      b3 = f32x4.relaxed_madd(value, high, b3);
      value = v128.shuffle<f32>(p4, p4, 2, 2, 2, 2);
      a4 = f32x4.relaxed_madd(value, low, a4);
      b4 = f32x4.relaxed_madd(value, high, b4);
      low = v128.load(weight, 96);
      high = v128.load(weight, 112);
      value = v128.shuffle<f32>(p0, p0, 3, 3, 3, 3);
      a0 = f32x4.relaxed_madd(value, low, a0);
      b0 = f32x4.relaxed_madd(value, high, b0);
      value = v128.shuffle<f32>(p1, p1, 3, 3, 3, 3);
      a1 = f32x4.relaxed_madd(value, low, a1);
      b1 = f32x4.relaxed_madd(value, high, b1);
      value = v128.shuffle<f32>(p2, p2, 3, 3, 3, 3);
      a2 = f32x4.relaxed_madd(value, low, a2);
      b2 = f32x4.relaxed_madd(value, high, b2);
      value = v128.shuffle<f32>(p3, p3, 3, 3, 3, 3);
      a3 = f32x4.relaxed_madd(value, low, a3);
      b3 = f32x4.relaxed_madd(value, high, b3);
      value = v128.shuffle<f32>(p4, p4, 3, 3, 3, 3);
      a4 = f32x4.relaxed_madd(value, low, a4);
      b4 = f32x4.relaxed_madd(value, high, b4);
      pixel += fromGroupBytes;
    }
    v128.store(first, a0);
    v128.store(first, a1, 16);
    v128.store(first, a2, 32);
    v128.store(first, a3, 48);
    v128.store(first, a4, 64);
    const second = first + toGroupBytes;
    v128.store(second, b0);
    v128.store(second, b1, 16);
    v128.store(second, b2, 32);
    v128.store(second, b3, 48);
    v128.store(second, b4, 64);
  }
  const zero = f32x4.splat(0);
  v128.store(end, zero);
  v128.store(end + toGroupBytes, zero);
}
