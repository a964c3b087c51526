/**
 * The 3x3 convolution of each channel of a unit. Four channels of four neighbouring pixels are summed at a time. The
 * taps of a pixel are added column by column, in each column from above:
 *
 *     column of the ring row   0   1   2   3   4   5
 *     pixel 0                  *   *   *
 *     pixel 1                      *   *   *
 *     pixel 2                          *   *   *
 *     pixel 3                              *   *   *
 */
import { QUAD_BYTES, RING_EXTRA, ROW_EXTRA } from "../layout";

/** Writes the outputs of the ring row at `middle`, with its neighbours at `above` and `below`, to the row at `to`. */
export function depthwiseRow(
  above: usize,
  middle: usize,
  below: usize,
  width: i32,
  channels: i32,
  weights: usize,
  hasRelu: bool,
  to: usize,
): void {
  const ringGroupBytes = <usize> (width + RING_EXTRA) * QUAD_BYTES;
  const rowGroupBytes = <usize> (width + ROW_EXTRA) * QUAD_BYTES;
  const least = f32x4.splat(hasRelu ? 0 : -f32.MAX_VALUE);
  for (let channel = 0; channel < channels; channel += 4) {
    depthwiseGroup(above, middle, below, width, weights, least, to);
    above += ringGroupBytes;
    middle += ringGroupBytes;
    below += ringGroupBytes;
    weights += 10 * QUAD_BYTES;
    to += rowGroupBytes;
  }
}

/** Four channels of a row. Values below `least` become `least`. */
function depthwiseGroup(
  above: usize,
  middle: usize,
  below: usize,
  width: i32,
  weights: usize,
  least: v128,
  to: usize,
): void {
  const end = to + <usize> width * QUAD_BYTES;
  const w0 = v128.load(weights, 16), w1 = v128.load(weights, 32), w2 = v128.load(weights, 48);
  const w3 = v128.load(weights, 64), w4 = v128.load(weights, 80), w5 = v128.load(weights, 96);
  const w6 = v128.load(weights, 112), w7 = v128.load(weights, 128), w8 = v128.load(weights, 144);
  const bias = v128.load(weights);
  for (; to < end; to += 64) {
    let value = v128.load(above);
    let s0 = f32x4.relaxed_madd(value, w0, bias);
    value = v128.load(middle);
    s0 = f32x4.relaxed_madd(value, w1, s0);
    value = v128.load(below);
    s0 = f32x4.relaxed_madd(value, w2, s0);
    value = v128.load(above, 16);
    s0 = f32x4.relaxed_madd(value, w3, s0);
    let s1 = f32x4.relaxed_madd(value, w0, bias);
    value = v128.load(middle, 16);
    s0 = f32x4.relaxed_madd(value, w4, s0);
    s1 = f32x4.relaxed_madd(value, w1, s1);
    value = v128.load(below, 16);
    s0 = f32x4.relaxed_madd(value, w5, s0);
    s1 = f32x4.relaxed_madd(value, w2, s1);
    value = v128.load(above, 32);
    s0 = f32x4.relaxed_madd(value, w6, s0);
    s1 = f32x4.relaxed_madd(value, w3, s1);
    let s2 = f32x4.relaxed_madd(value, w0, bias);
    value = v128.load(middle, 32);
    s0 = f32x4.relaxed_madd(value, w7, s0);
    s1 = f32x4.relaxed_madd(value, w4, s1);
    s2 = f32x4.relaxed_madd(value, w1, s2);
    value = v128.load(below, 32);
    s0 = f32x4.relaxed_madd(value, w8, s0);
    s1 = f32x4.relaxed_madd(value, w5, s1);
    s2 = f32x4.relaxed_madd(value, w2, s2);
    v128.store(to, f32x4.pmax(least, s0));
    value = v128.load(above, 48);
    s1 = f32x4.relaxed_madd(value, w6, s1);
    s2 = f32x4.relaxed_madd(value, w3, s2);
    let s3 = f32x4.relaxed_madd(value, w0, bias);
    value = v128.load(middle, 48);
    s1 = f32x4.relaxed_madd(value, w7, s1);
    s2 = f32x4.relaxed_madd(value, w4, s2);
    s3 = f32x4.relaxed_madd(value, w1, s3);
    value = v128.load(below, 48);
    s1 = f32x4.relaxed_madd(value, w8, s1);
    s2 = f32x4.relaxed_madd(value, w5, s2);
    s3 = f32x4.relaxed_madd(value, w2, s3);
    v128.store(to, f32x4.pmax(least, s1), 16);
    value = v128.load(above, 64);
    s2 = f32x4.relaxed_madd(value, w6, s2);
    s3 = f32x4.relaxed_madd(value, w3, s3);
    value = v128.load(middle, 64);
    s2 = f32x4.relaxed_madd(value, w7, s2);
    s3 = f32x4.relaxed_madd(value, w4, s3);
    value = v128.load(below, 64);
    s2 = f32x4.relaxed_madd(value, w8, s2);
    s3 = f32x4.relaxed_madd(value, w5, s3);
    v128.store(to, f32x4.pmax(least, s2), 32);
    value = v128.load(above, 80);
    s3 = f32x4.relaxed_madd(value, w6, s3);
    value = v128.load(middle, 80);
    s3 = f32x4.relaxed_madd(value, w7, s3);
    value = v128.load(below, 80);
    s3 = f32x4.relaxed_madd(value, w8, s3);
    v128.store(to, f32x4.pmax(least, s3), 48);
    above += 64;
    middle += 64;
    below += 64;
  }
}
