/**
 * Step 1: one row of a pyramid level, byte for byte as OpenCV's INTER_LINEAR_EXACT makes it. Weights are in 256ths and
 * the result is rounded once, at the end. So rows can be blended before columns, which is the cheaper order.
 */
import {
  COLUMN_BLOCK_BYTES,
  COLUMN_OFFSETS_AT,
  COLUMN_SWIZZLE_AT,
  COLUMN_WEIGHTS_AT,
} from "../compile/layout";
import { blended, frame, frameHeight, frameWidth } from "./memory";

/** Writes `width` pixels of row `y` of a level as large as the frame, from column `left` on, to `to`. */
export function copyRow(left: i32, y: i32, width: i32, to: usize): void {
  const from = frame + <usize> (y * frameWidth + left);
  for (let x = 0; x < width; x += 16) v128.store(to + <usize> x, v128.load(from + <usize> x));
}

/**
 * Writes `width` pixels of one row of a level to `to`.
 * @param columns the block of the first four columns in the level's column table
 * @param isNear whether these are near blocks
 * @param upper the upper row of the frame
 * @param lowerWeight the weight of the row below it, in 256ths
 */
export function resizeRow(
  width: i32,
  columns: usize,
  isNear: bool,
  upper: i32,
  lowerWeight: i32,
  to: usize,
): void {
  const last = columns + <usize> ((width - 1) >> 2) * COLUMN_BLOCK_BYTES;
  const end = to + <usize> width;
  if (isNear) {
    blendRows(load<i32>(columns) >> 1, (load<i32>(last) >> 1) + 8, upper, lowerWeight);
    for (; to < end; to += 8, columns += 2 * COLUMN_BLOCK_BYTES) {
      storeEight(to, blendFourNear(columns), blendFourNear(columns + COLUMN_BLOCK_BYTES));
    }
  } else {
    blendRows(load<i32>(columns) >> 1, (load<i32>(last, 12) >> 1) + 2, upper, lowerWeight);
    for (; to < end; to += 8, columns += 2 * COLUMN_BLOCK_BYTES) {
      storeEight(to, blendFour(columns), blendFour(columns + COLUMN_BLOCK_BYTES));
    }
  }
}

// @inline
function storeEight(to: usize, low: v128, high: v128): void {
  const both = i16x8.narrow_i32x4_u(low, high);
  v128.store64_lane(to, i8x16.narrow_i16x8_u(both, both), 0);
}

/** Blends columns of two rows of the frame. Subtracts 32768, because SIMD multiplies signed numbers. */
function blendRows(from: i32, until: i32, upper: i32, lowerWeight: i32): void {
  const first = frame + <usize> (upper * frameWidth);
  const second = upper + 1 < frameHeight ? first + <usize> frameWidth : first;
  const weightA = i16x8.splat(<i16> (256 - lowerWeight));
  const weightB = i16x8.splat(<i16> lowerWeight);
  const bias = i16x8.splat(-32768);
  for (let x = from & -16; x < until; x += 16) {
    const a = v128.load(first + <usize> x);
    const b = v128.load(second + <usize> x);
    const low = i16x8.add(
      i16x8.mul(i16x8.extend_low_i8x16_u(a), weightA),
      i16x8.mul(i16x8.extend_low_i8x16_u(b), weightB),
    );
    const high = i16x8.add(
      i16x8.mul(i16x8.extend_high_i8x16_u(a), weightA),
      i16x8.mul(i16x8.extend_high_i8x16_u(b), weightB),
    );
    const to = blended + (<usize> x << 1);
    v128.store(to, v128.xor(low, bias));
    v128.store(to, v128.xor(high, bias), 16);
  }
}

/** Adds the weighted pixels of each pair, adds back the bias and rounds to nearest. */
// @inline
function weighted(pairs: v128, weights: v128): v128 {
  const half = i32x4.splat(32768 + (32768 << 8));
  return i32x4.shr_u(i32x4.add(i32x4.dot_i16x8_s(pairs, weights), half), 16);
}

/** Four pixels, each from a pair of neighbours in the blended row: one load for each pair. */
// @inline
function blendFour(block: usize): v128 {
  let pairs = v128.load32_zero(blended + <usize> load<u32>(block, COLUMN_OFFSETS_AT));
  pairs = v128.load32_lane(blended + <usize> load<u32>(block, COLUMN_OFFSETS_AT + 4), pairs, 1);
  pairs = v128.load32_lane(blended + <usize> load<u32>(block, COLUMN_OFFSETS_AT + 8), pairs, 2);
  pairs = v128.load32_lane(blended + <usize> load<u32>(block, COLUMN_OFFSETS_AT + 12), pairs, 3);
  return weighted(pairs, v128.load(block, COLUMN_WEIGHTS_AT));
}

/**
 * Fast path: all four pairs lie within one 16-byte load. Entry: base offset (i32), then at byte 16 the swizzle indices,
 * at byte 32 the weights.
 */
// @inline
function blendFourNear(block: usize): v128 {
  const bytes = v128.load(blended + <usize> load<u32>(block, COLUMN_OFFSETS_AT));
  const pairs = i8x16.swizzle(bytes, v128.load(block, COLUMN_SWIZZLE_AT));
  return weighted(pairs, v128.load(block, COLUMN_WEIGHTS_AT));
}
