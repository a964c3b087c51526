/** Summed-area tables, row by row, from the pixels of one row. */
import { halves, pixels, shorts, squares, sums } from "./memory";

/** Clears the zero row above the level. `stride`: elements in a row of the tables. */
export function clearFirstRow(stride: i32): void {
  memory.fill(sums, 0, <usize>stride << 2);
  memory.fill(squares, 0, <usize>stride << 2);
  memory.fill(shorts, 0, <usize>stride << 1);
  memory.fill(halves, 0, <usize>stride << 1);
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
export function addRow(y: i32, width: i32, stride: i32): void {
  const above = <usize>(y * stride);
  const below = above + <usize>stride;
  store<i32>(sums + (below << 2), 0);
  store<i32>(squares + (below << 2), 0);
  store<i16>(shorts + (below << 1), 0);
  store<i16>(halves + (below << 1), 0);
  let carry = i32x4.splat(0);
  let carrySquares = i32x4.splat(0);
  const rowBytes = <usize>stride << 2;
  for (let x: usize = 0; x < <usize>width; x += 8) {
    const v = v128.load(pixels + (x << 1));
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
    v128.store(halves + ((below + x + 1) << 1), low16(i32x4.shr_u(sumLow, 1), i32x4.shr_u(sumHigh, 1)));

    const squareLow = i32x4.add(prefix32(i32x4.extmul_low_i16x8_u(v, v)), carrySquares);
    const squareHigh = i32x4.add(prefix32(i32x4.extmul_high_i16x8_u(v, v)), lastOf(squareLow));
    carrySquares = lastOf(squareHigh);
    const atSquares = squares + ((above + x + 1) << 2);
    v128.store(atSquares + rowBytes, i32x4.add(squareLow, v128.load(atSquares)));
    v128.store(atSquares + rowBytes, i32x4.add(squareHigh, v128.load(atSquares, 16)), 16);
  }
}

/** The same for a level of which every second window is searched: even columns first, odd ones `plane` later. */
export function addRowSplit(y: i32, width: i32, stride: i32, plane: i32): void {
  const above = <usize>(y * stride);
  const below = above + <usize>stride;
  store<i32>(sums + (below << 2), 0);
  store<i32>(squares + (below << 2), 0);
  store<i16>(shorts + (below << 1), 0);
  store<i16>(halves + (below << 1), 0);
  let carry = i32x4.splat(0);
  let carrySquares = i32x4.splat(0);
  const rowBytes = <usize>stride << 2;
  for (let x: usize = 0; x < <usize>width; x += 8) {
    // Column x + 1 of the tables closes pixel x: even pixels go to odd columns.
    const odd = above + <usize>plane + (x >> 1);
    const even = above + (x >> 1) + 1;
    const v = v128.load(pixels + (x << 1));
    const p = prefix16(v);
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
    const halfBoth = low16(i32x4.shr_u(sumOdd, 1), i32x4.shr_u(sumEven, 1));
    v128.store64_lane(halves + ((odd + <usize>stride) << 1), halfBoth, 0);
    v128.store64_lane(halves + ((even + <usize>stride) << 1), halfBoth, 1);

    const squareLow = i32x4.add(prefix32(i32x4.extmul_low_i16x8_u(v, v)), carrySquares);
    const squareHigh = i32x4.add(prefix32(i32x4.extmul_high_i16x8_u(v, v)), lastOf(squareLow));
    carrySquares = lastOf(squareHigh);
    const toOdd = squares + (odd << 2);
    const toEven = squares + (even << 2);
    v128.store(
      toOdd + rowBytes,
      i32x4.add(v128.shuffle<i32>(squareLow, squareHigh, 0, 2, 4, 6), v128.load(toOdd)),
    );
    v128.store(
      toEven + rowBytes,
      i32x4.add(v128.shuffle<i32>(squareLow, squareHigh, 1, 3, 5, 7), v128.load(toEven)),
    );
  }
}
