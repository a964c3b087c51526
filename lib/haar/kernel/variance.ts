/**
 * Step 3: the standard deviation of each window, which OpenCV measures inside the window's outermost pixels. The filter
 * gets it as an i16 (sigma), the exact evaluation as OpenCV's own factor. Sums of pixels are read as strips, see
 * exact.ts.
 */
import {
  EDGE_BYTES,
  VARIANCE_AREA_AT,
  VARIANCE_CORNERS_AT,
  VARIANCE_EDGES_AT,
  VARIANCE_IS_EXACT_AT,
  VARIANCE_MIN_SPREAD_AT,
  VARIANCE_SCALE_AT,
  VARIANCE_STRIPS_AT,
} from "../compile/layout";
import { integralAt, notFlat, sigmaAt, squaresAt } from "./memory";

/** Offset of a corner in the table of squares. */
// @inline
function cornerOf(varianceTable: usize, nth: usize): usize {
  return <usize> load<i32>(varianceTable + VARIANCE_CORNERS_AT + 4 * nth);
}

/** Offset of the left end of an edge. */
// @inline
function leftOf(edge: usize): usize {
  return <usize> load<i32>(edge);
}

/** Offset of the right end of an edge. */
// @inline
function rightOf(edge: usize): usize {
  return <usize> load<i32>(edge, 4);
}

/** The sums of squares of four windows. */
// @inline
function squareSums(at: usize, a: usize, b: usize, c: usize, d: usize): v128 {
  return i32x4.add(
    i32x4.sub(v128.load(at + a), v128.load(at + b)),
    i32x4.sub(v128.load(at + d), v128.load(at + c)),
  );
}

/** The right end of an edge minus its left end, of eight windows. */
// @inline
function edgeSums(at: usize, left: usize, right: usize): v128 {
  return i16x8.sub(v128.load(at + right), v128.load(at + left));
}

/** Spreads above this are not flat; those below fit in an i32. */
const LARGE_SPREAD: f32 = 1.8e9;
/** Added to a number below 2^23, it leaves the nearest whole number in the low bits. */
const TO_WHOLE: f32 = 8388608;

/** The spreads of four windows, estimated in f32. */
// @inline
function estimatedSpread(sum: v128, square: v128, area: v128): v128 {
  const s = f32x4.convert_i32x4_s(sum);
  return f32x4.sub(f32x4.mul(f32x4.convert_i32x4_s(area), f32x4.convert_i32x4_s(square)), f32x4.mul(s, s));
}

/**
 * Stores the sigmas of a row of windows, and a bit for each one that is not flat. The spread (area * squares - sum^2)
 * of a small window is exact, as an u32 (`isExact`). That of a large window is exact modulo 2^32, which decides below
 * LARGE_SPREAD, and estimated above.
 */
// @inline
function measure(row: usize, columns: i32, varianceTable: usize, isExact: bool): void {
  const area = i32x4.splat(load<i32>(varianceTable, VARIANCE_AREA_AT));
  const minSpread = i32x4.splat(load<i32>(varianceTable, VARIANCE_MIN_SPREAD_AT));
  const largeSpread = f32x4.splat(LARGE_SPREAD);
  const scale = f32x4.splat(load<f32>(varianceTable, VARIANCE_SCALE_AT));
  const toWhole = f32x4.splat(TO_WHOLE);
  const cornerA = cornerOf(varianceTable, 0);
  const cornerB = cornerOf(varianceTable, 1);
  const cornerC = cornerOf(varianceTable, 2);
  const cornerD = cornerOf(varianceTable, 3);
  const edges = varianceTable + VARIANCE_EDGES_AT;
  const beyondTwo = edges + 3 * EDGE_BYTES;
  const lastEdge = edges + <usize> load<i32>(varianceTable, VARIANCE_STRIPS_AT) * EDGE_BYTES;
  const left0 = leftOf(edges);
  const right0 = rightOf(edges);
  const left1 = leftOf(edges + EDGE_BYTES);
  const right1 = rightOf(edges + EDGE_BYTES);
  const left2 = leftOf(edges + 2 * EDGE_BYTES);
  const right2 = rightOf(edges + 2 * EDGE_BYTES);
  for (let window = row; window < row + <usize> columns; window += 8) {
    let notFlatLanes = i32x4.splat(0);
    let roots = i32x4.splat(0);
    const at = integralAt(window);
    const middle = edgeSums(at, left1, right1);
    let lower = edgeSums(at, left2, right2);
    const first = i16x8.sub(middle, edgeSums(at, left0, right0));
    const second = i16x8.sub(lower, middle);
    let lowSum = i32x4.add(i32x4.extend_low_i16x8_u(first), i32x4.extend_low_i16x8_u(second));
    let highSum = i32x4.add(i32x4.extend_high_i16x8_u(first), i32x4.extend_high_i16x8_u(second));
    for (let edge = beyondTwo; edge <= lastEdge; edge += EDGE_BYTES) {
      const upper = lower;
      lower = edgeSums(at, leftOf(edge), rightOf(edge));
      const strip = i16x8.sub(lower, upper);
      lowSum = i32x4.add(lowSum, i32x4.extend_low_i16x8_u(strip));
      highSum = i32x4.add(highSum, i32x4.extend_high_i16x8_u(strip));
    }
    for (let part: usize = 0; part < 32; part += 16) {
      const sum = part == 0 ? lowSum : highSum;
      const square = squareSums(squaresAt(window) + part, cornerA, cornerB, cornerC, cornerD);
      const exact = i32x4.sub(i32x4.mul(area, square), i32x4.mul(sum, sum));
      let isNotFlat: v128;
      let spread: v128;
      if (isExact) {
        isNotFlat = i32x4.ge_u(exact, minSpread);
        // Half of the spread, since SSE has no conversion from u32; `scale` makes up for it.
        spread = f32x4.convert_i32x4_s(i32x4.shr_u(exact, 1));
      } else {
        const estimated = estimatedSpread(sum, square, area);
        const isLarge = f32x4.gt(estimated, largeSpread);
        isNotFlat = v128.or(isLarge, i32x4.ge_s(exact, minSpread));
        spread = v128.bitselect(estimated, f32x4.convert_i32x4_s(exact), isLarge);
      }
      const root = f32x4.add(f32x4.mul(f32x4.sqrt(spread), scale), toWhole);
      notFlatLanes = part == 0 ? isNotFlat : i16x8.narrow_i32x4_s(notFlatLanes, isNotFlat);
      roots = part == 0 ? root : v128.shuffle<i16>(roots, root, 0, 2, 4, 6, 8, 10, 12, 14);
    }
    v128.store(sigmaAt(window), roots);
    store<u8>(notFlat + (window >> 3), i16x8.bitmask(notFlatLanes));
  }
}

/** Stores `sigmas` and `notFlat` of one row of windows. */
export function measureRow(row: usize, columns: i32, varianceTable: usize): void {
  if (load<i32>(varianceTable, VARIANCE_IS_EXACT_AT) != 0) measure(row, columns, varianceTable, true);
  else measure(row, columns, varianceTable, false);
}

/** OpenCV's varianceNormFactor of a window (HaarEvaluator::setWindow in cascadedetect.cpp). */
export function varianceNormFactor(window: usize, varianceTable: usize): f32 {
  const at = integralAt(window);
  let edge = varianceTable + VARIANCE_EDGES_AT;
  let upper = edgeSum(at, edge);
  let sum: u32 = 0;
  const lastEdge = edge + <usize> load<i32>(varianceTable, VARIANCE_STRIPS_AT) * EDGE_BYTES;
  while (edge < lastEdge) {
    edge += EDGE_BYTES;
    const lower = edgeSum(at, edge);
    sum += <u32> <u16> (lower - upper);
    upper = lower;
  }
  const from = squaresAt(window);
  const square = load<u32>(from + cornerOf(varianceTable, 0)) - load<u32>(from + cornerOf(varianceTable, 1)) -
    load<u32>(from + cornerOf(varianceTable, 2)) + load<u32>(from + cornerOf(varianceTable, 3));
  const area = <f64> load<i32>(varianceTable, VARIANCE_AREA_AT);
  return <f32> (1.0 / Math.sqrt(area * <f64> square - <f64> sum * <f64> sum));
}

/** The right end of an edge minus its left end, of one window. */
// @inline
function edgeSum(at: usize, edge: usize): u32 {
  return <u32> load<u16>(at + rightOf(edge)) - <u32> load<u16>(at + leftOf(edge));
}
