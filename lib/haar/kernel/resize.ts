/**
 * One row of a pyramid level, as OpenCV's INTER_LINEAR_EXACT makes it: weights in 256ths, and one rounding at the very
 * end, so that blending rows before columns (the cheaper order) gives the same bytes.
 */
import { blended, frame, frameHeight, frameWidth } from "./memory";

/** Bytes of the table of columns for 8 columns. */
export const ACROSS_BYTES: usize = 96;

/** Writes `width` pixels of row `y` of a level as large as the frame itself, from column `left` on, to `to`. */
export function copyRow(left: i32, y: i32, width: i32, to: usize): void {
  const from = frame + <usize>(y * frameWidth + left);
  for (let x = 0; x < width; x += 16) v128.store(to + <usize>x, v128.load(from + <usize>x));
}

/**
 * Writes `width` pixels of one row of a level to `to`.
 * `across`: for each 4 columns 48 bytes, see blendFour and blendFourNear; `near` says which of the two it is for.
 * `top`: the upper row of the frame, `lower`: how many 256ths of the row below it count.
 */
export function resizeRow(width: i32, across: usize, near: bool, top: i32, lower: i32, to: usize): void {
  const last = across + <usize>((width - 1) >> 2) * (ACROSS_BYTES / 2);
  const end = to + <usize>width;
  if (near) {
    blendRows(load<i32>(across) >> 1, (load<i32>(last) >> 1) + 8, top, lower);
    for (; to < end; to += 8, across += ACROSS_BYTES) {
      storeEight(to, blendFourNear(across), blendFourNear(across + 48));
    }
  } else {
    blendRows(load<i32>(across) >> 1, (load<i32>(last, 12) >> 1) + 2, top, lower);
    for (; to < end; to += 8, across += ACROSS_BYTES) {
      storeEight(to, blendFour(across), blendFour(across + 48));
    }
  }
}

// @ts-ignore: decorator
@inline
function storeEight(to: usize, low: v128, high: v128): void {
  const both = i16x8.narrow_i32x4_u(low, high);
  v128.store64_lane(to, i8x16.narrow_i16x8_u(both, both), 0);
}

/** Blends columns of two rows of the frame; 32768 is taken off, because SIMD multiplies signed numbers. */
function blendRows(from: i32, until: i32, top: i32, lower: i32): void {
  const first = frame + <usize>(top * frameWidth);
  const second = top + 1 < frameHeight ? first + <usize>frameWidth : first;
  const weightA = i16x8.splat(<i16>(256 - lower));
  const weightB = i16x8.splat(<i16>lower);
  const bias = i16x8.splat(-32768);
  for (let x = from & -16; x < until; x += 16) {
    const a = v128.load(first + <usize>x);
    const b = v128.load(second + <usize>x);
    const low = i16x8.add(
      i16x8.mul(i16x8.extend_low_i8x16_u(a), weightA),
      i16x8.mul(i16x8.extend_low_i8x16_u(b), weightB),
    );
    const high = i16x8.add(
      i16x8.mul(i16x8.extend_high_i8x16_u(a), weightA),
      i16x8.mul(i16x8.extend_high_i8x16_u(b), weightB),
    );
    const to = blended + (<usize>x << 1);
    v128.store(to, v128.xor(low, bias));
    v128.store(to, v128.xor(high, bias), 16);
  }
}

/** Of the sum of two weighted pixels, what makes up for the bias, and a half to round. */
// @ts-ignore: decorator
@inline
function weighted(pairs: v128, weights: v128): v128 {
  const half = i32x4.splat(32768 + (32768 << 8));
  return i32x4.shr_u(i32x4.add(i32x4.dot_i16x8_s(pairs, weights), half), 16);
}

/**
 * Four pixels, each from a pair of neighbours in the blended row: 4 byte offsets into it (i32), then unused bytes, then
 * 4 pairs of weights (i16).
 */
// @ts-ignore: decorator
@inline
function blendFour(across: usize): v128 {
  let pairs = v128.load32_zero(blended + <usize>load<u32>(across));
  pairs = v128.load32_lane(blended + <usize>load<u32>(across, 4), pairs, 1);
  pairs = v128.load32_lane(blended + <usize>load<u32>(across, 8), pairs, 2);
  pairs = v128.load32_lane(blended + <usize>load<u32>(across, 12), pairs, 3);
  return weighted(pairs, v128.load(across, 32));
}

/** The same where all pairs lie within 16 bytes: their byte offset (i32), from byte 16 on where each byte is there. */
// @ts-ignore: decorator
@inline
function blendFourNear(across: usize): v128 {
  const bytes = v128.load(blended + <usize>load<u32>(across));
  return weighted(i8x16.swizzle(bytes, v128.load(across, 16)), v128.load(across, 32));
}
