/** Summed-area tables, row by row, from the pixels of a row. */
import { pixelRowBytes, pixels, plane, shorts, squares, stride, sums } from "./memory";

/** Clears the zero row above the first and the row of pixels before it. */
export function clearFirstRow(): void {
  memory.fill(sums, 0, <usize>stride << 2);
  memory.fill(squares, 0, <usize>stride << 2);
  memory.fill(shorts, 0, <usize>stride << 1);
  memory.fill(pixels - 16, 0, 2 * pixelRowBytes);
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

/** The low halves of eight i32. */
// @ts-ignore: decorator
@inline
function low16(a: v128, b: v128): v128 {
  return v128.shuffle<i16>(a, b, 0, 2, 4, 6, 8, 10, 12, 14);
}

/** Of eight u16, the sums of neighbours, whole numbers below 2^15. */
// @ts-ignore: decorator
@inline
function pairs(v: v128): v128 {
  return i32x4.extadd_pairwise_i16x8_s(v);
}

/** Of eight u16, the second ones of each pair. */
// @ts-ignore: decorator
@inline
function seconds(v: v128): v128 {
  return i32x4.shr_u(v, 16);
}

// Sums are carried on from pair to pair, in four lanes. Without its second pixel, a pair's sum is the one in between.

/** Adds row `y` of a level `width` wide whose columns stay in order. */
export function addRow(y: i32, width: i32): void {
  const above = <usize>(y * stride);
  const below = above + <usize>stride;
  store<i32>(sums + (below << 2), 0);
  store<i32>(squares + (below << 2), 0);
  store<i16>(shorts + (below << 1), 0);
  const rowBytes = <usize>stride << 2;
  let from = pixelRow(y);
  let at = sums + ((above + 1) << 2);
  let atSquares = squares + ((above + 1) << 2);
  let atShorts = shorts + ((below + 1) << 1);
  let carry = i32x4.splat(0);
  let carrySquares = i32x4.splat(0);
  for (const end = from + (<usize>width << 1); from < end; from += 16) {
    const v = v128.load(from);
    const second = i32x4.add(prefix(pairs(v)), carry);
    const first = i32x4.sub(second, seconds(v));
    carry = lastOf(second);
    const low = i32x4.add(v128.shuffle<i32>(first, second, 0, 4, 1, 5), v128.load(at));
    const high = i32x4.add(v128.shuffle<i32>(first, second, 2, 6, 3, 7), v128.load(at, 16));
    v128.store(at + rowBytes, low);
    v128.store(at + rowBytes, high, 16);
    v128.store(atShorts, low16(low, high));

    const secondSquare = i32x4.add(prefix(i32x4.dot_i16x8_s(v, v)), carrySquares);
    const firstSquare = i32x4.sub(secondSquare, seconds(i16x8.mul(v, v)));
    carrySquares = lastOf(secondSquare);
    const lowSquares = v128.shuffle<i32>(firstSquare, secondSquare, 0, 4, 1, 5);
    const highSquares = v128.shuffle<i32>(firstSquare, secondSquare, 2, 6, 3, 7);
    v128.store(atSquares + rowBytes, i32x4.add(lowSquares, v128.load(atSquares)));
    v128.store(atSquares + rowBytes, i32x4.add(highSquares, v128.load(atSquares, 16)), 16);
    at += 32;
    atSquares += 32;
    atShorts += 16;
  }
}

/** The same, without the squares, for a level of which every second window is searched: odd columns `plane` later. */
export function addRowSplit(y: i32, width: i32): void {
  const above = <usize>(y * stride);
  const below = above + <usize>stride;
  store<i32>(sums + (below << 2), 0);
  store<i16>(shorts + (below << 1), 0);
  const rowBytes = <usize>stride << 2;
  let from = pixelRow(y);
  // Column x + 1 of the tables closes pixel x: even pixels go to odd columns.
  let odd = sums + ((above + <usize>plane) << 2);
  let even = sums + ((above + 1) << 2);
  let oddShorts = shorts + ((below + <usize>plane) << 1);
  let evenShorts = shorts + ((below + 1) << 1);
  let carry = i32x4.splat(0);
  for (const end = from + (<usize>width << 1); from < end; from += 16) {
    const v = v128.load(from);
    const second = i32x4.add(prefix(pairs(v)), carry);
    carry = lastOf(second);
    const sumOdd = i32x4.add(i32x4.sub(second, seconds(v)), v128.load(odd));
    const sumEven = i32x4.add(second, v128.load(even));
    v128.store(odd + rowBytes, sumOdd);
    v128.store(even + rowBytes, sumEven);
    const both = low16(sumOdd, sumEven);
    v128.store64_lane(oddShorts, both, 0);
    v128.store64_lane(evenShorts, both, 1);
    odd += 16;
    even += 16;
    oddShorts += 8;
    evenShorts += 8;
  }
}

/** Adds the squares of row `y` to both kinds of columns. */
export function addSquaresSplit(y: i32, width: i32): void {
  const above = <usize>(y * stride);
  store<i32>(squares + ((above + <usize>stride) << 2), 0);
  const rowBytes = <usize>stride << 2;
  let from = pixelRow(y);
  let odd = squares + ((above + <usize>plane) << 2);
  let even = squares + ((above + 1) << 2);
  let carry = i32x4.splat(0);
  for (const end = from + (<usize>width << 1); from < end; from += 16) {
    const v = v128.load(from);
    const second = i32x4.add(prefix(i32x4.dot_i16x8_s(v, v)), carry);
    carry = lastOf(second);
    v128.store(odd + rowBytes, i32x4.add(i32x4.sub(second, seconds(i16x8.mul(v, v))), v128.load(odd)));
    v128.store(even + rowBytes, i32x4.add(second, v128.load(even)));
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
  let upper = pixelRow(y - 1) - 2;
  let lower = pixelRow(y) - 2;
  let carry = i32x4.splat(0);
  for (const end = upper + (<usize>width << 1); upper < end; upper += 16) {
    const a = v128.load(upper);
    const b = v128.load(lower);
    const row = i32x4.add(prefix(i32x4.add(i32x4.dot_i16x8_s(a, a), i32x4.dot_i16x8_s(b, b))), carry);
    carry = lastOf(row);
    v128.store(to, i32x4.add(row, v128.load(above)));
    lower += 16;
    above += 16;
    to += 16;
  }
}
