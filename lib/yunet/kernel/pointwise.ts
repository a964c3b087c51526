/**
 * The 1x1 convolution of a unit: each output is a weighted sum of the pixel's inputs. Four pixels by eight outputs are
 * summed at a time, in eight registers: so a weight is loaded once for four pixels, and a pixel once for eight outputs.
 * Four inputs of a pixel are loaded together and then spread one by one.
 *
 * Each load has a check of its bounds, unless its address is a constant. So the weights of the eight outputs are copied to
 * a constant address for each row, and the loop over the inputs is unrolled.
 */
import { QUAD_BYTES, RING_EXTRA, ROW_EXTRA } from "../layout";

/** Bytes of the weights of one input, and of the biases. */
const WEIGHTS_BYTES = 32;
/** Maximum number of inputs; others are 16 and 32. */
const MAX_INPUTS = 64;

/** Weights of eight outputs: their biases, then for each input their weights. */
const block = memory.data((MAX_INPUTS + 1) * WEIGHTS_BYTES, 16);

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
  const blockBytes = <usize> (inputs + 1) * WEIGHTS_BYTES;
  for (let output = 0; output < outputs; output += 8) {
    memory.copy(block, weights, blockBytes);
    // The pixel on the left is zero.
    pointwiseBlock(from, width, inputs, to + QUAD_BYTES, ringGroupBytes);
    weights += blockBytes;
    to += 2 * ringGroupBytes;
  }
}

/** Eight outputs of a row: four at `to`, four `toGroupBytes` behind it. Sets the pixel on the right to zero. */
function pointwiseBlock(from: usize, width: i32, inputs: i32, to: usize, toGroupBytes: usize): void {
  const fromGroupBytes = <usize> (width + ROW_EXTRA) * QUAD_BYTES;
  const end = to + <usize> width * QUAD_BYTES;
  let first = to;
  for (; first < end; first += 4 * QUAD_BYTES, from += 4 * QUAD_BYTES) {
    let a0 = v128.load(block), b0 = v128.load(block, 16);
    let a1 = a0, a2 = a0, a3 = a0, b1 = b0, b2 = b0, b3 = b0;
    let pixel = from;
    // @unroll
    for (let input = 0; input < 64; input += 4) {
      if (input == inputs) break;
      const p0 = v128.load(pixel), p1 = v128.load(pixel, 16);
      const p2 = v128.load(pixel, 32), p3 = v128.load(pixel, 48);
      pixel += fromGroupBytes;
      // @unroll
      for (let lane = 0; lane < 4; lane++) {
        const low = v128.load(block, (input + lane + 1) * WEIGHTS_BYTES);
        const high = v128.load(block, (input + lane + 1) * WEIGHTS_BYTES + 16);
        let value = v128.shuffle<f32>(p0, p0, lane, lane, lane, lane);
        a0 = f32x4.relaxed_madd(value, low, a0);
        b0 = f32x4.relaxed_madd(value, high, b0);
        value = v128.shuffle<f32>(p1, p1, lane, lane, lane, lane);
        a1 = f32x4.relaxed_madd(value, low, a1);
        b1 = f32x4.relaxed_madd(value, high, b1);
        value = v128.shuffle<f32>(p2, p2, lane, lane, lane, lane);
        a2 = f32x4.relaxed_madd(value, low, a2);
        b2 = f32x4.relaxed_madd(value, high, b2);
        value = v128.shuffle<f32>(p3, p3, lane, lane, lane, lane);
        a3 = f32x4.relaxed_madd(value, low, a3);
        b3 = f32x4.relaxed_madd(value, high, b3);
      }
    }
    v128.store(first, a0);
    v128.store(first, a1, 16);
    v128.store(first, a2, 32);
    v128.store(first, a3, 48);
    const second = first + toGroupBytes;
    v128.store(second, b0);
    v128.store(second, b1, 16);
    v128.store(second, b2, 32);
    v128.store(second, b3, 48);
  }
  const zero = f32x4.splat(0);
  v128.store(end, zero);
  v128.store(end + toGroupBytes, zero);
}
