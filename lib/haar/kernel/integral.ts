/** Step 2: the integral image and that of the squared pixels, built row by row from the level's pixels. */
import { INTEGRAL_BYTES, PIXEL_MARGIN, SQUARES_BYTES } from "../compile/layout";
import {
  integral,
  integralAt,
  oddColumns,
  pixelRowBytes,
  pixelRows,
  squares,
  squaresAt,
  stride,
} from "./memory";

/** Clears the zero row above the first row, and both rows of pixels with the margins in front of them. */
export function clearFirstRow(): void {
  memory.fill(integral, 0, <usize> stride * INTEGRAL_BYTES);
  memory.fill(squares, 0, <usize> stride * SQUARES_BYTES);
  memory.fill(pixelRows - PIXEL_MARGIN, 0, 2 * pixelRowBytes);
}

/** Address of the pixels of row `y`. */
// @inline
export function pixelRow(y: i32): usize {
  return pixelRows + <usize> (y & 1) * pixelRowBytes;
}

// A prefix sum adds a vector to itself, moved up by 1, 2 and 4 lanes. The zeros moved in are the last lanes of the zero
// vector, so that the shuffle takes 16 consecutive bytes: one instruction (palignr, ext). With other lanes of the same
// zeros V8 makes up to 14 instructions.

/** Prefix sums of four 32-bit lanes. */
// @inline
function prefix32(v: v128): v128 {
  const zero = i32x4.splat(0);
  v = i32x4.add(v, v128.shuffle<i32>(zero, v, 3, 4, 5, 6));
  return i32x4.add(v, v128.shuffle<i32>(zero, v, 2, 3, 4, 5));
}

/** The last 32-bit lane in all lanes. */
// @inline
function splatLast32(v: v128): v128 {
  return v128.shuffle<i32>(v, v, 3, 3, 3, 3);
}

/** Prefix sums of eight 16-bit lanes. */
// @inline
function prefix16(v: v128): v128 {
  const zero = i16x8.splat(0);
  v = i16x8.add(v, v128.shuffle<i16>(zero, v, 7, 8, 9, 10, 11, 12, 13, 14));
  v = i16x8.add(v, v128.shuffle<i16>(zero, v, 6, 7, 8, 9, 10, 11, 12, 13));
  return i16x8.add(v, v128.shuffle<i16>(zero, v, 4, 5, 6, 7, 8, 9, 10, 11));
}

/** The last 16-bit lane in all lanes. */
// @inline
function splatLast16(v: v128): v128 {
  return v128.shuffle<i16>(v, v, 7, 7, 7, 7, 7, 7, 7, 7);
}

/** The square of the second pixel of each pair, of eight pixels as u16. */
// @inline
function secondSquares(v: v128): v128 {
  return i32x4.shr_u(i16x8.mul(v, v), 16);
}

// Prefix sums over pairs of pixels take half the work of sums over pixels. A pair's sum is the value of the even
// column. The odd-column value is the pair sum minus its second pixel.

/** Adds row `y` of a level with columns in order: sums and squares. */
export function addRow(y: i32, width: i32): void {
  const above = <usize> (y * stride);
  const below = above + <usize> stride;
  store<i16>(integralAt(below), 0);
  store<i32>(squaresAt(below), 0);
  let from = pixelRow(y);
  let at = integralAt(above + 1);
  let atSquares = squaresAt(above + 1);
  let carry = i16x8.splat(0);
  let carrySquares = i32x4.splat(0);
  const nextRow = <usize> stride * INTEGRAL_BYTES;
  const nextSquares = <usize> stride * SQUARES_BYTES;
  for (const end = from + <usize> width; from < end; from += 8) {
    const v = v128.load8x8_u(from);
    const row = i16x8.add(prefix16(v), carry);
    carry = splatLast16(row);
    v128.store(at + nextRow, i16x8.add(row, v128.load(at)));

    const second = i32x4.add(prefix32(i32x4.dot_i16x8_s(v, v)), carrySquares);
    const first = i32x4.sub(second, secondSquares(v));
    carrySquares = splatLast32(second);
    const low = v128.shuffle<i32>(first, second, 0, 4, 1, 5);
    const high = v128.shuffle<i32>(first, second, 2, 6, 3, 7);
    v128.store(atSquares + nextSquares, i32x4.add(low, v128.load(atSquares)));
    v128.store(atSquares + nextSquares, i32x4.add(high, v128.load(atSquares, 16)), 16);
    at += 16;
    atSquares += 32;
  }
}

/** Adds row `y` of a level with even and odd columns apart: sums only. */
export function addRowSplit(y: i32, width: i32): void {
  const above = <usize> (y * stride);
  store<i16>(integralAt(above + <usize> stride), 0);
  const nextRow = <usize> stride * INTEGRAL_BYTES;
  let from = pixelRow(y);
  // Column x + 1 of the tables includes pixel x: even pixels go to odd columns.
  let odd = integralAt(above + <usize> oddColumns);
  let even = integralAt(above + 1);
  let carry = i16x8.splat(0);
  for (const end = from + <usize> width; from < end; from += 16) {
    const v = v128.load(from);
    const second = i16x8.add(prefix16(i16x8.extadd_pairwise_i8x16_u(v)), carry);
    carry = splatLast16(second);
    const first = i16x8.sub(second, i16x8.shr_u(v, 8));
    v128.store(odd + nextRow, i16x8.add(first, v128.load(odd)));
    v128.store(even + nextRow, i16x8.add(second, v128.load(even)));
    odd += 16;
    even += 16;
  }
}

/** Adds row `y` of a level with even and odd columns apart: squares only. */
export function addSquaresSplit(y: i32, width: i32): void {
  const above = <usize> (y * stride);
  store<i32>(squaresAt(above + <usize> stride), 0);
  const nextSquares = <usize> stride * SQUARES_BYTES;
  let from = pixelRow(y);
  let odd = squaresAt(above + <usize> oddColumns);
  let even = squaresAt(above + 1);
  let carry = i32x4.splat(0);
  for (const end = from + <usize> width; from < end; from += 8) {
    const v = v128.load8x8_u(from);
    const second = i32x4.add(prefix32(i32x4.dot_i16x8_s(v, v)), carry);
    carry = splatLast32(second);
    v128.store(odd + nextSquares, i32x4.add(i32x4.sub(second, secondSquares(v)), v128.load(odd)));
    v128.store(even + nextSquares, i32x4.add(second, v128.load(even)));
    odd += 16;
    even += 16;
  }
}

/**
 * Adds the squares of the even row `y` and the row before it, to odd columns of odd rows only. The variance reads no
 * others if the windows have even sides and begin at even columns and rows: it is measured inside the outermost pixels.
 */
export function addSquaresOdd(y: i32, width: i32): void {
  let to = squaresAt(<usize> ((y + 1) * stride + oddColumns));
  let above = squaresAt(<usize> (max(y - 1, 0) * stride + oddColumns));
  // An odd column includes the pixel at its own index and the one before it; the margin in front of the row is 0.
  let upper = pixelRow(y - 1) - 1;
  let lower = pixelRow(y) - 1;
  let carry = i32x4.splat(0);
  for (const end = upper + <usize> width; upper < end; upper += 8) {
    const a = v128.load8x8_u(upper);
    const b = v128.load8x8_u(lower);
    const row = i32x4.add(prefix32(i32x4.add(i32x4.dot_i16x8_s(a, a), i32x4.dot_i16x8_s(b, b))), carry);
    carry = splatLast32(row);
    v128.store(to, i32x4.add(row, v128.load(above)));
    lower += 8;
    above += 16;
    to += 16;
  }
}
