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

// @ts-ignore: decorator
@inline
function prefix16(v: v128): v128 {
  const zero = i16x8.splat(0);
  v = i16x8.add(v, v128.shuffle<i16>(zero, v, 0, 8, 9, 10, 11, 12, 13, 14));
  v = i16x8.add(v, v128.shuffle<i16>(zero, v, 0, 1, 8, 9, 10, 11, 12, 13));
  return i16x8.add(v, v128.shuffle<i16>(zero, v, 0, 1, 2, 3, 8, 9, 10, 11));
}

// @ts-ignore: decorator
@inline
function prefix32(v: v128): v128 {
  const zero = i32x4.splat(0);
  v = i32x4.add(v, v128.shuffle<i32>(zero, v, 0, 4, 5, 6));
  return i32x4.add(v, v128.shuffle<i32>(zero, v, 0, 1, 4, 5));
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

/** Adds row `y` of a level `width` wide whose columns stay in order. */
export function addRow(y: i32, width: i32): void {
  const above = <usize>(y * stride);
  const below = above + <usize>stride;
  store<i32>(sums + (below << 2), 0);
  store<i32>(squares + (below << 2), 0);
  store<i16>(shorts + (below << 1), 0);
  const from = pixelRow(y);
  const rowBytes = <usize>stride << 2;
  let carry = i32x4.splat(0);
  let carrySquares = i32x4.splat(0);
  for (let x: usize = 0; x < <usize>width; x += 8) {
    const v = v128.load(from + (x << 1));
    const p = prefix16(v);
    const low = i32x4.add(i32x4.extend_low_i16x8_u(p), carry);
    const high = i32x4.add(i32x4.extend_high_i16x8_u(p), carry);
    carry = lastOf(high);
    const at = sums + ((above + x + 1) << 2);
    const sumLow = i32x4.add(low, v128.load(at));
    const sumHigh = i32x4.add(high, v128.load(at, 16));
    v128.store(at + rowBytes, sumLow);
    v128.store(at + rowBytes, sumHigh, 16);
    v128.store(shorts + ((below + x + 1) << 1), low16(sumLow, sumHigh));

    const squareLow = i32x4.add(prefix32(i32x4.extmul_low_i16x8_u(v, v)), carrySquares);
    const squareHigh = i32x4.add(prefix32(i32x4.extmul_high_i16x8_u(v, v)), lastOf(squareLow));
    carrySquares = lastOf(squareHigh);
    const atSquares = squares + ((above + x + 1) << 2);
    v128.store(atSquares + rowBytes, i32x4.add(squareLow, v128.load(atSquares)));
    v128.store(atSquares + rowBytes, i32x4.add(squareHigh, v128.load(atSquares, 16)), 16);
  }
}

/** The same, without the squares, for a level of which every second window is searched: odd columns `plane` later. */
export function addRowSplit(y: i32, width: i32): void {
  const above = <usize>(y * stride);
  const below = above + <usize>stride;
  store<i32>(sums + (below << 2), 0);
  store<i16>(shorts + (below << 1), 0);
  const from = pixelRow(y);
  const rowBytes = <usize>stride << 2;
  let carry = i32x4.splat(0);
  for (let x: usize = 0; x < <usize>width; x += 8) {
    // Column x + 1 of the tables closes pixel x: even pixels go to odd columns.
    const odd = above + <usize>plane + (x >> 1);
    const even = above + (x >> 1) + 1;
    const p = prefix16(v128.load(from + (x << 1)));
    const low = i32x4.add(i32x4.extend_low_i16x8_u(p), carry);
    const high = i32x4.add(i32x4.extend_high_i16x8_u(p), carry);
    carry = lastOf(high);
    const sumOdd = i32x4.add(v128.shuffle<i32>(low, high, 0, 2, 4, 6), v128.load(sums + (odd << 2)));
    const sumEven = i32x4.add(v128.shuffle<i32>(low, high, 1, 3, 5, 7), v128.load(sums + (even << 2)));
    v128.store(sums + (odd << 2) + rowBytes, sumOdd);
    v128.store(sums + (even << 2) + rowBytes, sumEven);
    const both = low16(sumOdd, sumEven);
    v128.store64_lane(shorts + ((odd + <usize>stride) << 1), both, 0);
    v128.store64_lane(shorts + ((even + <usize>stride) << 1), both, 1);
  }
}

/** Adds the squares of row `y` to both kinds of columns. */
export function addSquaresSplit(y: i32, width: i32): void {
  const above = <usize>(y * stride);
  store<i32>(squares + ((above + <usize>stride) << 2), 0);
  const from = pixelRow(y);
  const rowBytes = <usize>stride << 2;
  let carry = i32x4.splat(0);
  for (let x: usize = 0; x < <usize>width; x += 8) {
    const v = v128.load(from + (x << 1));
    const low = i32x4.add(prefix32(i32x4.extmul_low_i16x8_u(v, v)), carry);
    const high = i32x4.add(prefix32(i32x4.extmul_high_i16x8_u(v, v)), lastOf(low));
    carry = lastOf(high);
    const odd = squares + ((above + <usize>plane + (x >> 1)) << 2);
    const even = squares + ((above + (x >> 1) + 1) << 2);
    v128.store(odd + rowBytes, i32x4.add(v128.shuffle<i32>(low, high, 0, 2, 4, 6), v128.load(odd)));
    v128.store(even + rowBytes, i32x4.add(v128.shuffle<i32>(low, high, 1, 3, 5, 7), v128.load(even)));
  }
}

/**
 * Adds the squares of the even row `y` and the row before it to the odd columns of the table's odd rows: all that is
 * asked for where windows begin at even columns and rows and their sides are even, since the variance is measured
 * inside the outermost pixels.
 */
export function addSquaresOdd(y: i32, width: i32): void {
  const to = squares + (<usize>((y + 1) * stride + plane) << 2);
  const above = squares + (<usize>(max(y - 1, 0) * stride + plane) << 2);
  // An odd column closes the pixel at its own place and, but for the first, the one before.
  const upper = pixelRow(y - 1) - 2;
  const lower = pixelRow(y) - 2;
  let carry = i32x4.splat(0);
  for (let x: usize = 0; x < <usize>width; x += 8) {
    const a = v128.load(upper + (x << 1));
    const b = v128.load(lower + (x << 1));
    const pairs = i32x4.add(i32x4.dot_i16x8_s(a, a), i32x4.dot_i16x8_s(b, b));
    const row = i32x4.add(prefix32(pairs), carry);
    carry = lastOf(row);
    v128.store(to + (x << 1), i32x4.add(row, v128.load(above + (x << 1))));
  }
}
