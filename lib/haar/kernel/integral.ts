/** Summed-area tables, row by row, from the pixels of a row. */
import { PIXEL_MARGIN, pixelRowBytes, pixels, plane, squares, stride, sums } from "./memory";

/** Clears the zero row above the first and the row of pixels before it. */
export function clearFirstRow(): void {
  memory.fill(sums, 0, <usize>stride << 1);
  memory.fill(squares, 0, <usize>stride << 2);
  memory.fill(pixels - PIXEL_MARGIN, 0, 2 * pixelRowBytes);
}

/** Where the pixels of row `y` are. */
// @ts-ignore: decorator
@inline
export function pixelRow(y: i32): usize {
  return pixels + <usize>(y & 1) * pixelRowBytes;
}

// Vectors are moved up with the last lanes of the zeros in front: the sixteen bytes then follow one another, which is one
// instruction. Any other lane of zeros would be as right, and four times as slow.

// @ts-ignore: decorator
@inline
function prefix(v: v128): v128 {
  const zero = i32x4.splat(0);
  v = i32x4.add(v, v128.shuffle<i32>(zero, v, 3, 4, 5, 6));
  return i32x4.add(v, v128.shuffle<i32>(zero, v, 2, 3, 4, 5));
}

// @ts-ignore: decorator
@inline
function lastOf(v: v128): v128 {
  return v128.shuffle<i32>(v, v, 3, 3, 3, 3);
}

/** The same for eight u16. */
// @ts-ignore: decorator
@inline
function prefix16(v: v128): v128 {
  const zero = i16x8.splat(0);
  v = i16x8.add(v, v128.shuffle<i16>(zero, v, 7, 8, 9, 10, 11, 12, 13, 14));
  v = i16x8.add(v, v128.shuffle<i16>(zero, v, 6, 7, 8, 9, 10, 11, 12, 13));
  return i16x8.add(v, v128.shuffle<i16>(zero, v, 4, 5, 6, 7, 8, 9, 10, 11));
}

// @ts-ignore: decorator
@inline
function lastOf16(v: v128): v128 {
  return v128.shuffle<i16>(v, v, 7, 7, 7, 7, 7, 7, 7, 7);
}

/** Of eight pixels as u16, the squares of the second ones of each pair. */
// @ts-ignore: decorator
@inline
function secondSquares(v: v128): v128 {
  return i32x4.shr_u(i16x8.mul(v, v), 16);
}

// Squares, and the sums of a level of which every second window is searched, are carried on from pair to pair of pixels.
// Without its second pixel, a pair's sum is the one in between.

/** Adds row `y` of a level `width` wide whose columns stay in order. */
export function addRow(y: i32, width: i32): void {
  const above = <usize>(y * stride);
  const below = above + <usize>stride;
  store<i16>(sums + (below << 1), 0);
  store<i32>(squares + (below << 2), 0);
  let from = pixelRow(y);
  let at = sums + ((above + 1) << 1);
  let atSquares = squares + ((above + 1) << 2);
  let carry = i16x8.splat(0);
  let carrySquares = i32x4.splat(0);
  const sumsBelow = <usize>stride << 1;
  const squaresBelow = <usize>stride << 2;
  for (const end = from + <usize>width; from < end; from += 8) {
    const v = v128.load8x8_u(from);
    const row = i16x8.add(prefix16(v), carry);
    carry = lastOf16(row);
    v128.store(at + sumsBelow, i16x8.add(row, v128.load(at)));

    const second = i32x4.add(prefix(i32x4.dot_i16x8_s(v, v)), carrySquares);
    const first = i32x4.sub(second, secondSquares(v));
    carrySquares = lastOf(second);
    const low = v128.shuffle<i32>(first, second, 0, 4, 1, 5);
    const high = v128.shuffle<i32>(first, second, 2, 6, 3, 7);
    v128.store(atSquares + squaresBelow, i32x4.add(low, v128.load(atSquares)));
    v128.store(atSquares + squaresBelow, i32x4.add(high, v128.load(atSquares, 16)), 16);
    at += 16;
    atSquares += 32;
  }
}

/** The same, without the squares, for a level of which every second window is searched: odd columns `plane` later. */
export function addRowSplit(y: i32, width: i32): void {
  const above = <usize>(y * stride);
  store<i16>(sums + ((above + <usize>stride) << 1), 0);
  const below = <usize>stride << 1;
  let from = pixelRow(y);
  // Column x + 1 of the tables closes pixel x: even pixels go to odd columns.
  let odd = sums + ((above + <usize>plane) << 1);
  let even = sums + ((above + 1) << 1);
  let carry = i16x8.splat(0);
  for (const end = from + <usize>width; from < end; from += 16) {
    const v = v128.load(from);
    const second = i16x8.add(prefix16(i16x8.extadd_pairwise_i8x16_u(v)), carry);
    carry = lastOf16(second);
    const first = i16x8.sub(second, i16x8.shr_u(v, 8));
    v128.store(odd + below, i16x8.add(first, v128.load(odd)));
    v128.store(even + below, i16x8.add(second, v128.load(even)));
    odd += 16;
    even += 16;
  }
}

/** Adds the squares of row `y` to both kinds of columns. */
export function addSquaresSplit(y: i32, width: i32): void {
  const above = <usize>(y * stride);
  store<i32>(squares + ((above + <usize>stride) << 2), 0);
  const below = <usize>stride << 2;
  let from = pixelRow(y);
  let odd = squares + ((above + <usize>plane) << 2);
  let even = squares + ((above + 1) << 2);
  let carry = i32x4.splat(0);
  for (const end = from + <usize>width; from < end; from += 8) {
    const v = v128.load8x8_u(from);
    const second = i32x4.add(prefix(i32x4.dot_i16x8_s(v, v)), carry);
    carry = lastOf(second);
    v128.store(odd + below, i32x4.add(i32x4.sub(second, secondSquares(v)), v128.load(odd)));
    v128.store(even + below, i32x4.add(second, v128.load(even)));
    odd += 16;
    even += 16;
  }
}

/**
 * Adds the squares of the even row `y` and the row before it to the odd columns of the table's odd rows: all that is
 * asked for where windows begin at even columns and rows and their sides are even, since the variance is measured
 * inside the outermost pixels.
 */
export function addSquaresOdd(y: i32, width: i32): void {
  let to = squares + (<usize>((y + 1) * stride + plane) << 2);
  let above = squares + (<usize>(max(y - 1, 0) * stride + plane) << 2);
  // An odd column closes the pixel at its own place and, but for the first, the one before.
  let upper = pixelRow(y - 1) - 1;
  let lower = pixelRow(y) - 1;
  let carry = i32x4.splat(0);
  for (const end = upper + <usize>width; upper < end; upper += 8) {
    const a = v128.load8x8_u(upper);
    const b = v128.load8x8_u(lower);
    const row = i32x4.add(prefix(i32x4.add(i32x4.dot_i16x8_s(a, a), i32x4.dot_i16x8_s(b, b))), carry);
    carry = lastOf(row);
    v128.store(to, i32x4.add(row, v128.load(above)));
    lower += 8;
    above += 16;
    to += 16;
  }
}
