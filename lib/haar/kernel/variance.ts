/**
 * The standard deviation of windows, which OpenCV measures inside their outermost pixels: close, for the filter, and
 * exactly. Sums of pixels are taken in strips, see exact.ts.
 */
import { flats, sigmas, squares, sums } from "./memory";

/**
 * What `norm` points to in this kernel (writeNorm in ../exact_table.ts): the byte offsets of four corners in the sums of
 * squares; area; the least spread of a window that is not flat; how much of the root is kept (f32); whether the spread is
 * exact; how many strips, two at least; the byte offsets of both ends of each edge in the sums.
 */
const AREA_AT: usize = 16;
const LEAST_AT: usize = 20;
const KEPT_AT: usize = 24;
const IS_WHOLE_AT: usize = 28;
const STRIPS_AT: usize = 32;
const EDGES_AT: usize = 36;
const EDGE_BYTES: usize = 8;

/** The squares of four windows. */
// @ts-ignore: decorator
@inline
function rectangles(at: usize, a: usize, b: usize, c: usize, d: usize): v128 {
  return i32x4.add(
    i32x4.sub(v128.load(at + a), v128.load(at + b)),
    i32x4.sub(v128.load(at + d), v128.load(at + c)),
  );
}

/** Of eight windows, what lies between the two ends of an edge. */
// @ts-ignore: decorator
@inline
function edgeSums(at: usize, left: usize, right: usize): v128 {
  return i16x8.sub(v128.load(at + right), v128.load(at + left));
}

/** Spreads above this are surely not flat; those below fit in an i32. */
const LARGE: f32 = 1.8e9;
/** Added to a number below 2^23, it leaves the nearest whole number in the low bits. */
const TO_WHOLE: f32 = 8388608;

/** The spreads of four windows, close as f32. */
// @ts-ignore: decorator
@inline
function closeSpread(sum: v128, square: v128, area: v128): v128 {
  const s = f32x4.convert_i32x4_s(sum);
  return f32x4.sub(f32x4.mul(f32x4.convert_i32x4_s(area), f32x4.convert_i32x4_s(square)), f32x4.mul(s, s));
}

/**
 * Stores the sigmas, and which windows are not flat: a byte for eight windows. Of small windows the spread (area *
 * squares - sum^2) is exact, as an u32. Of large ones it is known modulo 2^32, which is enough below LARGE, and closely,
 * which is enough above.
 */
// @ts-ignore: decorator
@inline
function measure(row: usize, columns: i32, norm: usize, isWhole: bool): void {
  const area = i32x4.splat(load<i32>(norm, AREA_AT));
  const least = i32x4.splat(load<i32>(norm, LEAST_AT));
  const large = f32x4.splat(LARGE);
  const kept = f32x4.splat(load<f32>(norm, KEPT_AT));
  const toWhole = f32x4.splat(TO_WHOLE);
  const cornerA = <usize>load<i32>(norm);
  const cornerB = <usize>load<i32>(norm, 4);
  const cornerC = <usize>load<i32>(norm, 8);
  const cornerD = <usize>load<i32>(norm, 12);
  const beyondTwo = norm + EDGES_AT + 3 * EDGE_BYTES;
  const lastEdge = norm + EDGES_AT + <usize>load<i32>(norm, STRIPS_AT) * EDGE_BYTES;
  const left0 = <usize>load<i32>(norm, EDGES_AT);
  const right0 = <usize>load<i32>(norm, EDGES_AT + 4);
  const left1 = <usize>load<i32>(norm, EDGES_AT + EDGE_BYTES);
  const right1 = <usize>load<i32>(norm, EDGES_AT + EDGE_BYTES + 4);
  const left2 = <usize>load<i32>(norm, EDGES_AT + 2 * EDGE_BYTES);
  const right2 = <usize>load<i32>(norm, EDGES_AT + 2 * EDGE_BYTES + 4);
  for (let window = row; window < row + <usize>columns; window += 8) {
    let notFlat = i32x4.splat(0);
    let roots = i32x4.splat(0);
    const at = sums + (window << 1);
    const middle = edgeSums(at, left1, right1);
    let lower = edgeSums(at, left2, right2);
    const first = i16x8.sub(middle, edgeSums(at, left0, right0));
    const second = i16x8.sub(lower, middle);
    let lowSum = i32x4.add(i32x4.extend_low_i16x8_u(first), i32x4.extend_low_i16x8_u(second));
    let highSum = i32x4.add(i32x4.extend_high_i16x8_u(first), i32x4.extend_high_i16x8_u(second));
    for (let edge = beyondTwo; edge <= lastEdge; edge += EDGE_BYTES) {
      const upper = lower;
      lower = edgeSums(at, <usize>load<i32>(edge), <usize>load<i32>(edge, 4));
      const strip = i16x8.sub(lower, upper);
      lowSum = i32x4.add(lowSum, i32x4.extend_low_i16x8_u(strip));
      highSum = i32x4.add(highSum, i32x4.extend_high_i16x8_u(strip));
    }
    for (let part: usize = 0; part < 32; part += 16) {
      const sum = part == 0 ? lowSum : highSum;
      const square = rectangles(squares + (window << 2) + part, cornerA, cornerB, cornerC, cornerD);
      const exact = i32x4.sub(i32x4.mul(area, square), i32x4.mul(sum, sum));
      let isNotFlat: v128;
      let spread: v128;
      if (isWhole) {
        isNotFlat = i32x4.ge_u(exact, least);
        // Half of it, since there is no instruction for an u32; `kept` makes up for that.
        spread = f32x4.convert_i32x4_s(i32x4.shr_u(exact, 1));
      } else {
        const close = closeSpread(sum, square, area);
        const isLarge = f32x4.gt(close, large);
        isNotFlat = v128.or(isLarge, i32x4.ge_s(exact, least));
        spread = v128.bitselect(close, f32x4.convert_i32x4_s(exact), isLarge);
      }
      const root = f32x4.add(f32x4.mul(f32x4.sqrt(spread), kept), toWhole);
      notFlat = part == 0 ? isNotFlat : i16x8.narrow_i32x4_s(notFlat, isNotFlat);
      roots = part == 0 ? root : v128.shuffle<i16>(roots, root, 0, 2, 4, 6, 8, 10, 12, 14);
    }
    v128.store(sigmas + (window << 1), roots);
    store<u8>(flats + (window >> 3), i16x8.bitmask(notFlat));
  }
}

/** Stores what the filter has to know of one row of windows: `sigmas` and `flats`. */
export function measureRow(row: usize, columns: i32, norm: usize): void {
  if (load<i32>(norm, IS_WHOLE_AT) != 0) measure(row, columns, norm, true);
  else measure(row, columns, norm, false);
}

/** What OpenCV multiplies a window's values by (HaarEvaluator::setWindow in cascadedetect.cpp). */
export function normalisation(window: usize, norm: usize): f32 {
  const at = sums + (window << 1);
  let edge = norm + EDGES_AT;
  let upper = edgeSum(at, edge);
  let sum: u32 = 0;
  for (const end = edge + <usize>load<i32>(norm, STRIPS_AT) * EDGE_BYTES; edge < end;) {
    edge += EDGE_BYTES;
    const lower = edgeSum(at, edge);
    sum += <u32><u16>(lower - upper);
    upper = lower;
  }
  const from = squares + (window << 2);
  const square = load<u32>(from + <usize>load<i32>(norm)) - load<u32>(from + <usize>load<i32>(norm, 4)) -
    load<u32>(from + <usize>load<i32>(norm, 8)) + load<u32>(from + <usize>load<i32>(norm, 12));
  const area = <f64>load<i32>(norm, AREA_AT);
  return <f32>(1.0 / Math.sqrt(area * <f64>square - <f64>sum * <f64>sum));
}

// @ts-ignore: decorator
@inline
function edgeSum(at: usize, edge: usize): u32 {
  return <u32>load<u16>(at + <usize>load<i32>(edge, 4)) - <u32>load<u16>(at + <usize>load<i32>(edge));
}
