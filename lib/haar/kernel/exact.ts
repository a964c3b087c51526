/**
 * Windows judged exactly as OpenCV does it (HaarEvaluator and predictOrderedStump in cascadedetect.cpp): feature values
 * are whole numbers, the product with the normalisation is rounded once to f32, leaves are added in f64.
 * Rectangles are taken in strips, whose sums are below 2^16 (stripsOf in ../cells.ts).
 */
import { patch, sums } from "./memory";
import { fillPatch, LANES } from "./patch";
import { normalisation } from "./variance";

/** Written by writeExactStages in ../exact_table.ts. Bytes of a stage: how many stumps (i32), the stage's threshold (f32). */
const STAGE_BYTES: usize = 8;
/** Bytes of a stump: where its strips end, from here (i32), threshold, below, not below (f32). */
const STUMP_BYTES: usize = 16;
/** Bytes of a strip: 4 corner offsets in bytes, its weight (i32). */
const STRIP_BYTES: usize = 20;

/** The sum of a strip of the window whose sums are at `at`. */
// @ts-ignore: decorator
@inline
function stripSum(at: usize, strip: usize): i32 {
  return <i32><u16>(
    <u32>load<u16>(at + <usize>load<i32>(strip)) - <u32>load<u16>(at + <usize>load<i32>(strip, 4)) -
    <u32>load<u16>(at + <usize>load<i32>(strip, 8)) + <u32>load<u16>(at + <usize>load<i32>(strip, 12))
  );
}

/** Whether a window passes one stage, whose offsets are those of the table of sums. */
export function passesStage(window: usize, norm: usize, stage: usize): bool {
  const at = sums + (window << 1);
  const factor = normalisation(window, norm);
  let total: f64 = 0;
  let stump = stage + STAGE_BYTES;
  for (let stumps = load<i32>(stage); stumps > 0; stumps--) {
    let value: i32 = 0;
    let strip = stump + STUMP_BYTES;
    const end = stump + <usize>load<i32>(stump);
    for (; strip < end; strip += STRIP_BYTES) value += stripSum(at, strip) * load<i32>(strip, 16);
    const below = <f32>value * factor < load<f32>(stump, 4);
    total += <f64>(below ? load<f32>(stump, 8) : load<f32>(stump, 12));
    stump = end;
  }
  return total >= <f64>load<f32>(stage, 4);
}

/** The normalisations of the windows in the patch, f32. */
const factors: usize = memory.data(32, 16);
/** What the stumps of a stage add up to for each, f64. */
const totals: usize = memory.data(64, 16);

// @ts-ignore: decorator
@inline
function stripSums(strip: usize): v128 {
  return i16x8.add(
    i16x8.sub(v128.load(patch + <usize>load<i32>(strip)), v128.load(patch + <usize>load<i32>(strip, 4))),
    i16x8.sub(v128.load(patch + <usize>load<i32>(strip, 12)), v128.load(patch + <usize>load<i32>(strip, 8))),
  );
}

// @ts-ignore: decorator
@inline
function leaves(value: v128, factor: v128, stump: usize): v128 {
  const below = f32x4.lt(f32x4.mul(f32x4.convert_i32x4_s(value), factor), v128.load32_splat(stump, 4));
  return v128.bitselect(v128.load32_splat(stump, 8), v128.load32_splat(stump, 12), below);
}

// @ts-ignore: decorator
@inline
function lowDoubles(v: v128): v128 {
  return f64x2.promote_low_f32x4(v);
}

// @ts-ignore: decorator
@inline
function highDoubles(v: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<i32>(v, v, 2, 3, 2, 3));
}

/** Where the table goes on after the stage that was asked last. */
let next: usize = 0;

/**
 * A bit for each window in the patch that passes a stage, whose offsets are those of the patch. Leaves `totals`, and moves
 * `next` on.
 */
function passing(stage: usize): i32 {
  const lowFactor = v128.load(factors);
  const highFactor = v128.load(factors, 16);
  let total01 = f64x2.splat(0);
  let total23 = f64x2.splat(0);
  let total45 = f64x2.splat(0);
  let total67 = f64x2.splat(0);
  let stump = stage + STAGE_BYTES;
  for (let stumps = load<i32>(stage); stumps > 0; stumps--) {
    let lowValue = i32x4.splat(0);
    let highValue = i32x4.splat(0);
    let strip = stump + STUMP_BYTES;
    const end = stump + <usize>load<i32>(stump);
    for (; strip < end; strip += STRIP_BYTES) {
      const sum = stripSums(strip);
      const weight = v128.load32_splat(strip, 16);
      lowValue = i32x4.add(lowValue, i32x4.mul(i32x4.extend_low_i16x8_u(sum), weight));
      highValue = i32x4.add(highValue, i32x4.mul(i32x4.extend_high_i16x8_u(sum), weight));
    }
    const low = leaves(lowValue, lowFactor, stump);
    const high = leaves(highValue, highFactor, stump);
    total01 = f64x2.add(total01, lowDoubles(low));
    total23 = f64x2.add(total23, highDoubles(low));
    total45 = f64x2.add(total45, lowDoubles(high));
    total67 = f64x2.add(total67, highDoubles(high));
    stump = end;
  }
  next = stump;
  v128.store(totals, total01);
  v128.store(totals, total23, 16);
  v128.store(totals, total45, 32);
  v128.store(totals, total67, 48);
  const threshold = f64x2.splat(<f64>load<f32>(stage, 4));
  return i64x2.bitmask(f64x2.ge(total01, threshold)) | (i64x2.bitmask(f64x2.ge(total23, threshold)) << 2) |
    (i64x2.bitmask(f64x2.ge(total45, threshold)) << 4) | (i64x2.bitmask(f64x2.ge(total67, threshold)) << 6);
}

/**
 * Leaves of a list of `count` windows those that pass all `stages` stages, whose tables follow one another from `exact`
 * on, and writes for each what the last stage's stumps add up to (f64) to `lastTotals`; returns how many.
 */
export function judge(
  list: usize,
  count: i32,
  norm: usize,
  exact: usize,
  stages: i32,
  lastTotals: usize,
): i32 {
  let left: i32 = 0;
  for (let index = 0; index < count; index += LANES) {
    const from = list + (<usize>index << 2);
    const lanes = min(LANES, count - index);
    fillPatch(from, lanes);
    for (let lane = 0; lane < LANES; lane++) {
      const window = <usize>load<u32>(from + (<usize>min(lane, lanes - 1) << 2));
      store<f32>(factors + (<usize>lane << 2), normalisation(window, norm));
    }
    let alive = (1 << lanes) - 1;
    next = exact;
    for (let nth = 0; nth < stages && alive != 0; nth++) alive &= passing(next);
    for (; alive != 0; alive &= alive - 1) {
      const lane = <usize>ctz(alive);
      store<u32>(list + (<usize>left << 2), load<u32>(from + (lane << 2)));
      store<f64>(lastTotals + (<usize>left << 3), load<f64>(totals + (lane << 3)));
      left++;
    }
  }
  return left;
}
