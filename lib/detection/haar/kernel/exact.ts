/**
 * Windows judged exactly as OpenCV does it (HaarEvaluator and predictOrderedStump in cascadedetect.cpp): feature values
 * are whole numbers, the product with the normalisation is rounded once to f32, leaves are added in f64.
 */
import { patch, patchColumns, patchRows, plane, squares, stride, sums } from "./memory";

/** Bytes of a stump: 3 x 4 corner offsets in bytes, 3 weights (i32), threshold, below, not below (f32). */
const STUMP_BYTES: usize = 72;

/** `corners`: 4 byte offsets of the corners of the part of a window whose variance counts, then its area (i32). */
function normalisation(window: usize, corners: usize): f32 {
  const sum = <f64>rectangle(sums + (window << 2), corners);
  const square = <f64><u32>rectangle(squares + (window << 2), corners);
  const area = <f64>load<i32>(corners, 16);
  return <f32>(1.0 / Math.sqrt(area * square - sum * sum));
}

// @ts-ignore: decorator
@inline
function rectangle(at: usize, offsets: usize): i32 {
  return load<i32>(at + <usize>load<i32>(offsets)) - load<i32>(at + <usize>load<i32>(offsets, 4)) -
    load<i32>(at + <usize>load<i32>(offsets, 8)) + load<i32>(at + <usize>load<i32>(offsets, 12));
}

// @ts-ignore: decorator
@inline
function endOf(stage: usize): usize {
  return stage + 8 + <usize>load<i32>(stage) * STUMP_BYTES;
}

/**
 * Whether a window passes one stage. `stage`: how many stumps (i32), the stage's threshold (f32), the stumps, whose
 * offsets are those of the table of sums.
 */
export function passesStage(window: usize, corners: usize, stage: usize): bool {
  const at = sums + (window << 2);
  const factor = normalisation(window, corners);
  const end = endOf(stage);
  let total: f64 = 0;
  for (let stump = stage + 8; stump < end; stump += STUMP_BYTES) {
    let value = rectangle(at, stump) * load<i32>(stump, 48) + rectangle(at, stump + 16) * load<i32>(stump, 52);
    const third = load<i32>(stump, 56);
    if (third != 0) value += rectangle(at, stump + 32) * third;
    const below = <f32>value * factor < load<f32>(stump, 60);
    total += <f64>(below ? load<f32>(stump, 64) : load<f32>(stump, 68));
  }
  return total >= <f64>load<f32>(stage, 4);
}

/** How many windows are judged at a time. */
const LANES: i32 = 4;
const CORNER_BYTES: usize = 16;

/** Their normalisations, f32. */
const factors: usize = memory.data(16, 16);
/** What the stumps of a stage add up to for each, f64. */
const totals: usize = memory.data(32, 16);

/** Copies the sums of `count` windows of a list side by side into the patch, the last one's over and over. */
function fillPatch(list: usize, count: i32, corners: usize): void {
  for (let lane = 0; lane < LANES; lane++) {
    const window = <usize>load<u32>(list + (<usize>min(lane, count - 1) << 2));
    store<f32>(factors + (<usize>lane << 2), normalisation(window, corners));
    let to = patch + (<usize>lane << 2);
    for (let y = 0; y < patchRows; y++) {
      const row = sums + ((window + <usize>(y * stride)) << 2);
      for (let x = 0; x < patchColumns; x++) {
        const column = plane == 0 ? x : (x >> 1) + (x & 1) * plane;
        store<i32>(to, load<i32>(row + (<usize>column << 2)));
        to += CORNER_BYTES;
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function rectangles(offsets: usize): v128 {
  return i32x4.add(
    i32x4.sub(v128.load(patch + <usize>load<i32>(offsets)), v128.load(patch + <usize>load<i32>(offsets, 4))),
    i32x4.sub(v128.load(patch + <usize>load<i32>(offsets, 12)), v128.load(patch + <usize>load<i32>(offsets, 8))),
  );
}

/** A bit for each window in the patch that passes a stage, whose offsets are those of the patch. Leaves `totals`. */
function passing(stage: usize): i32 {
  const factor = v128.load(factors);
  const end = endOf(stage);
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  for (let stump = stage + 8; stump < end; stump += STUMP_BYTES) {
    let value = i32x4.add(
      i32x4.mul(rectangles(stump), v128.load32_splat(stump, 48)),
      i32x4.mul(rectangles(stump + 16), v128.load32_splat(stump, 52)),
    );
    if (load<i32>(stump, 56) != 0) {
      value = i32x4.add(value, i32x4.mul(rectangles(stump + 32), v128.load32_splat(stump, 56)));
    }
    const below = f32x4.lt(f32x4.mul(f32x4.convert_i32x4_s(value), factor), v128.load32_splat(stump, 60));
    const leaf = v128.bitselect(v128.load32_splat(stump, 64), v128.load32_splat(stump, 68), below);
    low = f64x2.add(low, f64x2.promote_low_f32x4(leaf));
    high = f64x2.add(high, f64x2.promote_low_f32x4(v128.shuffle<i32>(leaf, leaf, 2, 3, 2, 3)));
  }
  v128.store(totals, low);
  v128.store(totals, high, 16);
  const threshold = f64x2.splat(<f64>load<f32>(stage, 4));
  return i64x2.bitmask(f64x2.ge(low, threshold)) | (i64x2.bitmask(f64x2.ge(high, threshold)) << 2);
}

/**
 * Leaves of a list of `count` windows those that pass all `stages` stages, whose tables follow one another from `exact`
 * on, and writes for each what the last stage's stumps add up to (f64) to `lastTotals`; returns how many.
 */
export function judge(
  list: usize,
  count: i32,
  corners: usize,
  exact: usize,
  stages: i32,
  lastTotals: usize,
): i32 {
  let left: i32 = 0;
  for (let index = 0; index < count; index += LANES) {
    const from = list + (<usize>index << 2);
    const lanes = min(LANES, count - index);
    fillPatch(from, lanes, corners);
    let alive = (1 << lanes) - 1;
    let stage = exact;
    for (let nth = 0; nth < stages && alive != 0; nth++) {
      alive &= passing(stage);
      stage = endOf(stage);
    }
    for (; alive != 0; alive &= alive - 1) {
      const lane = <usize>ctz(alive);
      store<u32>(list + (<usize>left << 2), load<u32>(from + (lane << 2)));
      store<f64>(lastTotals + (<usize>left << 3), load<f64>(totals + (lane << 3)));
      left++;
    }
  }
  return left;
}
