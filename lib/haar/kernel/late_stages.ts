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

// Stump layout: corner offsets (u16 each), threshold (i16), penalty (i16).

/** The value at the stump's corner `nth`, of eight windows. */
// @inline
function corner(stump: usize, nth: usize): v128 {
  return v128.load(patch + <usize> load<u16>(stump + nth * LATE_CORNER_BYTES));
}

/** The threshold times sigma. */
// @inline
function limit(stump: usize, corners: usize, sigma: v128): v128 {
  return i16x8.q15mulr_sat_s(v128.load16_splat(stump + corners * LATE_CORNER_BYTES), sigma);
}

/** The penalty where `isWorse`, else 0. */
// @inline
function penalty(stump: usize, corners: usize, isWorse: v128): v128 {
  return v128.and(isWorse, v128.load16_splat(stump + corners * LATE_CORNER_BYTES, 2));
}

// @inline
function twice(v: v128): v128 {
  return i16x8.add(v, v);
}

/** Half the sum of a rectangle, whose corners begin at `nth`. */
// @inline
function half(stump: usize, nth: usize): v128 {
  return i16x8.shr_u(
    i16x8.sub(
      i16x8.add(corner(stump, nth), corner(stump, nth + 3)),
      i16x8.add(corner(stump, nth + 1), corner(stump, nth + 2)),
    ),
    1,
  );
}

// Feature values, one function for each of SHAPES in ../compile/stage_filter.ts.

// @inline
function halves(stump: usize): v128 {
  return i16x8.add(
    twice(i16x8.sub(corner(stump, 0), corner(stump, 1))),
    i16x8.sub(
      i16x8.add(corner(stump, 2), corner(stump, 3)),
      i16x8.add(corner(stump, 4), corner(stump, 5)),
    ),
  );
}

// @inline
function middle(stump: usize): v128 {
  const inner = i16x8.sub(
    i16x8.add(corner(stump, 0), corner(stump, 1)),
    i16x8.add(corner(stump, 2), corner(stump, 3)),
  );
  const outer = i16x8.sub(
    i16x8.add(corner(stump, 4), corner(stump, 5)),
    i16x8.add(corner(stump, 6), corner(stump, 7)),
  );
  return i16x8.add(i16x8.add(twice(inner), inner), outer);
}

// @inline
function diagonal(stump: usize): v128 {
  const edges = i16x8.add(
    i16x8.add(corner(stump, 1), corner(stump, 2)),
    i16x8.add(corner(stump, 3), corner(stump, 4)),
  );
  const outer = i16x8.add(
    i16x8.add(corner(stump, 5), corner(stump, 6)),
    i16x8.add(corner(stump, 7), corner(stump, 8)),
  );
  return i16x8.add(twice(i16x8.sub(twice(corner(stump, 0)), edges)), outer);
}

// @inline
function halved(stump: usize): v128 {
  return i16x8.sub(
    i16x8.add(half(stump, 0), half(stump, 4)),
    i16x8.add(half(stump, 8), half(stump, 12)),
  );
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
  let total = v128.load16_splat(stage, LATE_STAGE_START_AT);
  let stump = stage + LATE_STAGE_BYTES;
  let bytes = stumpBytes(HALVES_CORNERS);
  for (const end = stump + bytes * countOf(stage, 0); stump < end; stump += bytes) {
    const isWorse = i16x8.gt_s(limit(stump, HALVES_CORNERS, sigma), halves(stump));
    total = i16x8.sub_sat_s(total, penalty(stump, HALVES_CORNERS, isWorse));
  }
  bytes = stumpBytes(MIDDLE_CORNERS);
  for (const end = stump + bytes * countOf(stage, 1); stump < end; stump += bytes) {
    const isWorse = i16x8.gt_s(limit(stump, MIDDLE_CORNERS, sigma), middle(stump));
    total = i16x8.sub_sat_s(total, penalty(stump, MIDDLE_CORNERS, isWorse));
  }
  bytes = stumpBytes(DIAGONAL_CORNERS);
  for (const end = stump + bytes * countOf(stage, 2); stump < end; stump += bytes) {
    const isWorse = i16x8.gt_s(limit(stump, DIAGONAL_CORNERS, sigma), diagonal(stump));
    total = i16x8.sub_sat_s(total, penalty(stump, DIAGONAL_CORNERS, isWorse));
  }
  for (const end = stump + bytes * countOf(stage, 3); stump < end; stump += bytes) {
    const isWorse = i16x8.gt_s(diagonal(stump), limit(stump, DIAGONAL_CORNERS, sigma));
    total = i16x8.sub_sat_s(total, penalty(stump, DIAGONAL_CORNERS, isWorse));
  }
  bytes = stumpBytes(HALVED_CORNERS);
  for (const end = stump + bytes * countOf(stage, 4); stump < end; stump += bytes) {
    const isWorse = i16x8.gt_s(limit(stump, HALVED_CORNERS, sigma), halved(stump));
    total = i16x8.sub_sat_s(total, penalty(stump, HALVED_CORNERS, isWorse));
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
