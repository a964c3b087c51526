/**
 * Step 6: the late stages of the 16-bit filter, table-driven, on patches of eight windows. Few windows get here.
 * Straight-line code for all stages would not fit in the processor's instruction cache.
 */
import {
  DIAGONAL_CORNERS,
  HALVED_CORNERS,
  HALVES_CORNERS,
  LATE_CORNER_BYTES,
  LATE_LEAVES_BYTES,
  LATE_STAGE_BYTES,
  LATE_STAGE_COUNTS_AT,
  LATE_STAGE_LENGTH_AT,
  LATE_STAGE_START_AT,
  MIDDLE_CORNERS,
  PATCH_WINDOWS,
  WINDOW_BYTES,
} from "../compile/layout";
import { patch } from "./memory";
import { fillPatch } from "./patch";

// Stump layout: corner offsets (u16 each), threshold (i16), penalty (i16). Each load has a check of its bounds, so two of
// these numbers are loaded together:
//
//     bit 0      16
//         | low  | high |

/** Bytes of two numbers. */
const PAIR_BYTES: usize = 4;

/** Pair `nth` of a stump's numbers. */
// @inline
function pairOf(stump: usize, nth: usize): u32 {
  return load<u32>(stump + nth * PAIR_BYTES);
}

/** The value at the low corner of a pair, of eight windows. `at`: address of the patch. */
// @inline
function low(at: usize, pair: u32): v128 {
  return v128.load(at + <usize> (pair & 0xffff));
}

/** The value at the high corner. */
// @inline
function high(at: usize, pair: u32): v128 {
  return v128.load(at + <usize> (pair >> 16));
}

/** The sum of both. */
// @inline
function both(at: usize, pair: u32): v128 {
  return i16x8.add(low(at, pair), high(at, pair));
}

/** The threshold times sigma. `leaves`: threshold and penalty. */
// @inline
function limit(leaves: u32, sigma: v128): v128 {
  return i16x8.q15mulr_sat_s(i16x8.splat(<i16> leaves), sigma);
}

/** The penalty where `isWorse`, else 0. */
// @inline
function penalty(leaves: u32, isWorse: v128): v128 {
  return v128.and(isWorse, i16x8.splat(<i16> (leaves >> 16)));
}

// @inline
function twice(v: v128): v128 {
  return i16x8.add(v, v);
}

/** Half the sum of a rectangle, whose corners begin with pair `nth`. */
// @inline
function half(at: usize, stump: usize, nth: usize): v128 {
  const upper = pairOf(stump, nth);
  const lower = pairOf(stump, nth + 1);
  return i16x8.shr_u(
    i16x8.sub(
      i16x8.add(low(at, upper), high(at, lower)),
      i16x8.add(high(at, upper), low(at, lower)),
    ),
    1,
  );
}

// Feature values, one function for each of SHAPES in ../compile/stage_filter.ts.

// @inline
function halves(at: usize, stump: usize): v128 {
  const middle = pairOf(stump, 0);
  return i16x8.add(
    twice(i16x8.sub(low(at, middle), high(at, middle))),
    i16x8.sub(both(at, pairOf(stump, 1)), both(at, pairOf(stump, 2))),
  );
}

// @inline
function middle(at: usize, stump: usize): v128 {
  const inner = i16x8.sub(both(at, pairOf(stump, 0)), both(at, pairOf(stump, 1)));
  const outer = i16x8.sub(both(at, pairOf(stump, 2)), both(at, pairOf(stump, 3)));
  return i16x8.add(i16x8.add(twice(inner), inner), outer);
}

// @inline
function diagonal(at: usize, stump: usize): v128 {
  const first = pairOf(stump, 0);
  const third = pairOf(stump, 2);
  const last = v128.load(at + <usize> load<u16>(stump, 4 * PAIR_BYTES));
  const edges = i16x8.add(i16x8.add(high(at, first), both(at, pairOf(stump, 1))), low(at, third));
  const outer = i16x8.add(i16x8.add(high(at, third), both(at, pairOf(stump, 3))), last);
  return i16x8.add(twice(i16x8.sub(twice(low(at, first)), edges)), outer);
}

// @inline
function halved(at: usize, stump: usize): v128 {
  return i16x8.sub(
    i16x8.add(half(at, stump, 0), half(at, stump, 2)),
    i16x8.add(half(at, stump, 4), half(at, stump, 6)),
  );
}

/** Threshold and penalty, which follow the corners of a stump. */
// @inline
function leavesOf(stump: usize, corners: usize): u32 {
  return load<u32>(stump + corners * LATE_CORNER_BYTES);
}

/** Length of a stump with this many corners. */
// @inline
function stumpBytes(corners: usize): usize {
  return corners * LATE_CORNER_BYTES + LATE_LEAVES_BYTES;
}

/** Number of stumps of the shape with this index. */
// @inline
function countOf(stage: usize, shape: usize): usize {
  return <usize> load<u16>(stage + LATE_STAGE_COUNTS_AT + 2 * shape);
}

/** A bit for each window of the patch that the stage rejects. */
function rejectedBy(stage: usize, sigma: v128): i32 {
  const at = patch;
  // Only the checks of these loads are of use: with them, V8 computes the limits of the loops' addresses before the loops.
  v128.load(at);
  pairOf(stage, 0);
  pairOf(stage, 1);
  pairOf(stage, 2);
  pairOf(stage, 3);
  pairOf(stage, 4);
  let total = v128.load16_splat(stage, LATE_STAGE_START_AT);
  let stump = stage + LATE_STAGE_BYTES;
  let bytes = stumpBytes(HALVES_CORNERS);
  for (const end = stump + bytes * countOf(stage, 0); stump < end; stump += bytes) {
    const leaves = leavesOf(stump, HALVES_CORNERS);
    const isWorse = i16x8.gt_s(limit(leaves, sigma), halves(at, stump));
    total = i16x8.sub_sat_s(total, penalty(leaves, isWorse));
  }
  bytes = stumpBytes(MIDDLE_CORNERS);
  for (const end = stump + bytes * countOf(stage, 1); stump < end; stump += bytes) {
    const leaves = leavesOf(stump, MIDDLE_CORNERS);
    const isWorse = i16x8.gt_s(limit(leaves, sigma), middle(at, stump));
    total = i16x8.sub_sat_s(total, penalty(leaves, isWorse));
  }
  bytes = stumpBytes(DIAGONAL_CORNERS);
  for (const end = stump + bytes * countOf(stage, 2); stump < end; stump += bytes) {
    const leaves = leavesOf(stump, DIAGONAL_CORNERS);
    const isWorse = i16x8.gt_s(limit(leaves, sigma), diagonal(at, stump));
    total = i16x8.sub_sat_s(total, penalty(leaves, isWorse));
  }
  for (const end = stump + bytes * countOf(stage, 3); stump < end; stump += bytes) {
    const leaves = leavesOf(stump, DIAGONAL_CORNERS);
    const isWorse = i16x8.gt_s(diagonal(at, stump), limit(leaves, sigma));
    total = i16x8.sub_sat_s(total, penalty(leaves, isWorse));
  }
  bytes = stumpBytes(HALVED_CORNERS);
  for (const end = stump + bytes * countOf(stage, 4); stump < end; stump += bytes) {
    const leaves = leavesOf(stump, HALVED_CORNERS);
    const isWorse = i16x8.gt_s(limit(leaves, sigma), halved(at, stump));
    total = i16x8.sub_sat_s(total, penalty(leaves, isWorse));
  }
  return i16x8.bitmask(total);
}

/**
 * Keeps those of `count` windows in a list that pass `stages` consecutive stages, the first of them at `first`. Returns
 * how many remain.
 */
export function passLateStages(list: usize, count: i32, first: usize, stages: i32): i32 {
  let to = list;
  const end = list + <usize> count * WINDOW_BYTES;
  for (let from = list; from < end; from += PATCH_WINDOWS * WINDOW_BYTES) {
    const lanes = min(PATCH_WINDOWS, <i32> ((end - from) / WINDOW_BYTES));
    const sigma = fillPatch(from, lanes);
    let surviving = (1 << lanes) - 1;
    let stage = first;
    for (let nth = 0; nth < stages && surviving != 0; nth++) {
      surviving &= ~rejectedBy(stage, sigma);
      stage += <usize> load<u32>(stage, LATE_STAGE_LENGTH_AT);
    }
    for (; surviving != 0; surviving &= surviving - 1) {
      store<u32>(to, load<u32>(from + <usize> ctz(surviving) * WINDOW_BYTES));
      to += WINDOW_BYTES;
    }
  }
  return <i32> ((to - list) / WINDOW_BYTES);
}
