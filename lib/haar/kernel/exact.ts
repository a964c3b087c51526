/**
 * Step 7: windows evaluated exactly as OpenCV does (HaarEvaluator and predictOrderedStump in cascadedetect.cpp).
 * Feature values are whole numbers, the product with the normalisation is rounded once to f32, leaves are added in f64.
 * Rectangles are read as strips, whose sums are below 2^16 (stripsOf() in ../compile/corners.ts).
 */
import {
  EXACT_STAGE_BYTES,
  EXACT_STAGE_LENGTH_AT,
  EXACT_STAGE_STUMPS_AT,
  EXACT_STAGE_THRESHOLD_AT,
  EXACT_STUMP_BELOW_AT,
  EXACT_STUMP_BYTES,
  EXACT_STUMP_LENGTH_AT,
  EXACT_STUMP_NOT_BELOW_AT,
  EXACT_STUMP_THRESHOLD_AT,
  PATCH_WINDOWS,
  STRIP_BYTES,
  STRIP_CORNERS_AT,
  STRIP_WEIGHT_AT,
  TOTAL_BYTES,
  WINDOW_BYTES,
} from "../compile/layout";
import { integralAt, patch } from "./memory";
import { fillPatch } from "./patch";
import { varianceNormFactor } from "./variance";

/** Offset of a strip's corner. */
// @inline
function cornerOf(strip: usize, nth: usize): usize {
  return <usize> load<i32>(strip + STRIP_CORNERS_AT + 4 * nth);
}

/** The sum of a strip of the window whose element of the integral image is at `at`. */
// @inline
function stripSum(at: usize, strip: usize): i32 {
  return <i32> <u16> (
    <u32> load<u16>(at + cornerOf(strip, 0)) - <u32> load<u16>(at + cornerOf(strip, 1)) -
    <u32> load<u16>(at + cornerOf(strip, 2)) + <u32> load<u16>(at + cornerOf(strip, 3))
  );
}

/** Whether one window passes one stage, whose offsets are those of the integral image. */
export function passesStage(window: usize, varianceTable: usize, stage: usize): bool {
  const at = integralAt(window);
  const factor = varianceNormFactor(window, varianceTable);
  let total: f64 = 0;
  let stump = stage + EXACT_STAGE_BYTES;
  for (let left = load<i32>(stage, EXACT_STAGE_STUMPS_AT); left > 0; left--) {
    let value: i32 = 0;
    let strip = stump + EXACT_STUMP_BYTES;
    const end = stump + <usize> load<i32>(stump, EXACT_STUMP_LENGTH_AT);
    for (; strip < end; strip += STRIP_BYTES) {
      value += stripSum(at, strip) * load<i32>(strip, STRIP_WEIGHT_AT);
    }
    const isBelow = <f32> value * factor < load<f32>(stump, EXACT_STUMP_THRESHOLD_AT);
    total +=
      <f64> (isBelow ? load<f32>(stump, EXACT_STUMP_BELOW_AT) : load<f32>(stump, EXACT_STUMP_NOT_BELOW_AT));
    stump = end;
  }
  return total >= <f64> load<f32>(stage, EXACT_STAGE_THRESHOLD_AT);
}

/** The normalisation factors of the windows in the patch, f32. */
const factors: usize = memory.data(32, 16);
/** The sums of a stage's leaves for the windows in the patch, f64. */
const totals: usize = memory.data(64, 16);

/** The sums of a strip of the eight windows, u16. */
// @inline
function stripSums(strip: usize): v128 {
  return i16x8.add(
    i16x8.sub(v128.load(patch + cornerOf(strip, 0)), v128.load(patch + cornerOf(strip, 1))),
    i16x8.sub(v128.load(patch + cornerOf(strip, 3)), v128.load(patch + cornerOf(strip, 2))),
  );
}

/** The leaves that four windows take. */
// @inline
function leavesOf(value: v128, factor: v128, stump: usize): v128 {
  const normalised = f32x4.mul(f32x4.convert_i32x4_s(value), factor);
  const isBelow = f32x4.lt(normalised, v128.load32_splat(stump, EXACT_STUMP_THRESHOLD_AT));
  return v128.bitselect(
    v128.load32_splat(stump, EXACT_STUMP_BELOW_AT),
    v128.load32_splat(stump, EXACT_STUMP_NOT_BELOW_AT),
    isBelow,
  );
}

// @inline
function lowDoubles(v: v128): v128 {
  return f64x2.promote_low_f32x4(v);
}

// @inline
function highDoubles(v: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<i32>(v, v, 2, 3, 2, 3));
}

/** A bit for each window in the patch that passes a stage, whose offsets are those of the patch. Stores `totals`. */
function passing(stage: usize): i32 {
  const lowFactor = v128.load(factors);
  const highFactor = v128.load(factors, 16);
  let total01 = f64x2.splat(0);
  let total23 = f64x2.splat(0);
  let total45 = f64x2.splat(0);
  let total67 = f64x2.splat(0);
  let stump = stage + EXACT_STAGE_BYTES;
  for (let left = load<i32>(stage, EXACT_STAGE_STUMPS_AT); left > 0; left--) {
    let lowValue = i32x4.splat(0);
    let highValue = i32x4.splat(0);
    let strip = stump + EXACT_STUMP_BYTES;
    const end = stump + <usize> load<i32>(stump, EXACT_STUMP_LENGTH_AT);
    for (; strip < end; strip += STRIP_BYTES) {
      const sum = stripSums(strip);
      const weight = v128.load32_splat(strip, STRIP_WEIGHT_AT);
      lowValue = i32x4.add(lowValue, i32x4.mul(i32x4.extend_low_i16x8_u(sum), weight));
      highValue = i32x4.add(highValue, i32x4.mul(i32x4.extend_high_i16x8_u(sum), weight));
    }
    const low = leavesOf(lowValue, lowFactor, stump);
    const high = leavesOf(highValue, highFactor, stump);
    total01 = f64x2.add(total01, lowDoubles(low));
    total23 = f64x2.add(total23, highDoubles(low));
    total45 = f64x2.add(total45, lowDoubles(high));
    total67 = f64x2.add(total67, highDoubles(high));
    stump = end;
  }
  v128.store(totals, total01);
  v128.store(totals, total23, 16);
  v128.store(totals, total45, 32);
  v128.store(totals, total67, 48);
  const threshold = f64x2.splat(<f64> load<f32>(stage, EXACT_STAGE_THRESHOLD_AT));
  return i64x2.bitmask(f64x2.ge(total01, threshold)) | (i64x2.bitmask(f64x2.ge(total23, threshold)) << 2) |
    (i64x2.bitmask(f64x2.ge(total45, threshold)) << 4) | (i64x2.bitmask(f64x2.ge(total67, threshold)) << 6);
}

/** Stores the normalisation factors of `lanes` windows of a list and repeats the last one up to eight. */
function storeFactors(list: usize, lanes: i32, varianceTable: usize): void {
  for (let lane = 0; lane < PATCH_WINDOWS; lane++) {
    const window = <usize> load<u32>(list + <usize> min(lane, lanes - 1) * WINDOW_BYTES);
    store<f32>(factors + (<usize> lane << 2), varianceNormFactor(window, varianceTable));
  }
}

/**
 * Keeps those of `count` windows in a list that pass all `stages` stages of the exact table at `exact`. Writes the sum
 * of the last stage's leaves of each to `lastTotals` (f64). Returns how many remain.
 */
export function evaluateExactly(
  list: usize,
  count: i32,
  varianceTable: usize,
  exact: usize,
  stages: i32,
  lastTotals: usize,
): i32 {
  let accepted: i32 = 0;
  for (let index = 0; index < count; index += PATCH_WINDOWS) {
    const from = list + <usize> index * WINDOW_BYTES;
    const lanes = min(PATCH_WINDOWS, count - index);
    fillPatch(from, lanes);
    storeFactors(from, lanes, varianceTable);
    let surviving = (1 << lanes) - 1;
    let stage = exact;
    for (let nth = 0; nth < stages && surviving != 0; nth++) {
      surviving &= passing(stage);
      stage += <usize> load<i32>(stage, EXACT_STAGE_LENGTH_AT);
    }
    for (; surviving != 0; surviving &= surviving - 1) {
      const lane = <usize> ctz(surviving);
      store<u32>(list + <usize> accepted * WINDOW_BYTES, load<u32>(from + lane * WINDOW_BYTES));
      store<f64>(lastTotals + <usize> accepted * TOTAL_BYTES, load<f64>(totals + lane * TOTAL_BYTES));
      accepted++;
    }
  }
  return accepted;
}
