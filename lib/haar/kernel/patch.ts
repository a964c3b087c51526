/**
 * The late stages. Few windows are left then, one here and one there, so eight of them are copied into a patch: for each
 * corner of the window eight sums side by side, one of each. Their stages are tables (../late_table.ts), the same for
 * every level; straight-line code for all stages would be larger than the processor's cache of code. The exact check
 * (exact.ts) looks at such patches, too.
 */
import { patch, patchColumns, patchRows, plane, sigmas, stride, sums } from "./memory";

export const LANES: i32 = 8;
const CORNER_BYTES: usize = 16;
/** Start (i16), then how many stumps there are of each shape (u16). */
const HEADER_BYTES: usize = 12;

/** Where the eight windows are. */
const windowsAt: usize = memory.data(32, 16);

// @ts-ignore: decorator
@inline
function row(lane: usize, offset: usize): v128 {
  return v128.load(<usize>load<u32>(windowsAt + (lane << 2)) + offset);
}

/** Copies eight columns of each window, transposed. `gap`: from one column to the next in the patch, bytes. */
// @ts-ignore: decorator
@inline
function copyColumns(offset: usize, to: usize, gap: usize): void {
  const r0 = row(0, offset);
  const r1 = row(1, offset);
  const r2 = row(2, offset);
  const r3 = row(3, offset);
  const r4 = row(4, offset);
  const r5 = row(5, offset);
  const r6 = row(6, offset);
  const r7 = row(7, offset);
  const a0 = v128.shuffle<i16>(r0, r4, 0, 8, 1, 9, 2, 10, 3, 11);
  const a1 = v128.shuffle<i16>(r0, r4, 4, 12, 5, 13, 6, 14, 7, 15);
  const a2 = v128.shuffle<i16>(r1, r5, 0, 8, 1, 9, 2, 10, 3, 11);
  const a3 = v128.shuffle<i16>(r1, r5, 4, 12, 5, 13, 6, 14, 7, 15);
  const a4 = v128.shuffle<i16>(r2, r6, 0, 8, 1, 9, 2, 10, 3, 11);
  const a5 = v128.shuffle<i16>(r2, r6, 4, 12, 5, 13, 6, 14, 7, 15);
  const a6 = v128.shuffle<i16>(r3, r7, 0, 8, 1, 9, 2, 10, 3, 11);
  const a7 = v128.shuffle<i16>(r3, r7, 4, 12, 5, 13, 6, 14, 7, 15);
  const b0 = v128.shuffle<i16>(a0, a4, 0, 8, 1, 9, 2, 10, 3, 11);
  const b1 = v128.shuffle<i16>(a0, a4, 4, 12, 5, 13, 6, 14, 7, 15);
  const b2 = v128.shuffle<i16>(a1, a5, 0, 8, 1, 9, 2, 10, 3, 11);
  const b3 = v128.shuffle<i16>(a1, a5, 4, 12, 5, 13, 6, 14, 7, 15);
  const b4 = v128.shuffle<i16>(a2, a6, 0, 8, 1, 9, 2, 10, 3, 11);
  const b5 = v128.shuffle<i16>(a2, a6, 4, 12, 5, 13, 6, 14, 7, 15);
  const b6 = v128.shuffle<i16>(a3, a7, 0, 8, 1, 9, 2, 10, 3, 11);
  const b7 = v128.shuffle<i16>(a3, a7, 4, 12, 5, 13, 6, 14, 7, 15);
  v128.store(to, v128.shuffle<i16>(b0, b4, 0, 8, 1, 9, 2, 10, 3, 11));
  v128.store(to + gap, v128.shuffle<i16>(b0, b4, 4, 12, 5, 13, 6, 14, 7, 15));
  v128.store(to + 2 * gap, v128.shuffle<i16>(b1, b5, 0, 8, 1, 9, 2, 10, 3, 11));
  v128.store(to + 3 * gap, v128.shuffle<i16>(b1, b5, 4, 12, 5, 13, 6, 14, 7, 15));
  v128.store(to + 4 * gap, v128.shuffle<i16>(b2, b6, 0, 8, 1, 9, 2, 10, 3, 11));
  v128.store(to + 5 * gap, v128.shuffle<i16>(b2, b6, 4, 12, 5, 13, 6, 14, 7, 15));
  v128.store(to + 6 * gap, v128.shuffle<i16>(b3, b7, 0, 8, 1, 9, 2, 10, 3, 11));
  v128.store(to + 7 * gap, v128.shuffle<i16>(b3, b7, 4, 12, 5, 13, 6, 14, 7, 15));
}

/** Fills the patch with `count` windows of a list, the last one over and over; returns their sigmas. */
export function fillPatch(list: usize, count: i32): v128 {
  let sigma = i16x8.splat(0);
  for (let lane = 0; lane < LANES; lane++) {
    const window = <usize>load<u32>(list + (<usize>min(lane, count - 1) << 2));
    store<u32>(windowsAt + (<usize>lane << 2), <u32>(sums + (window << 1)));
    sigma = v128.shuffle<i16>(sigma, i16x8.splat(load<i16>(sigmas + (window << 1))), 1, 2, 3, 4, 5, 6, 7, 8);
  }
  const phases = plane == 0 ? 1 : 2;
  const gap = <usize>phases * CORNER_BYTES;
  for (let y = 0; y < patchRows; y++) {
    for (let phase = 0; phase < phases; phase++) {
      let offset = <usize>(y * stride + phase * plane) << 1;
      let to = patch + <usize>(y * patchColumns + phase) * CORNER_BYTES;
      // What is copied beyond the last column is overwritten by the next row.
      for (let column = phase; column < patchColumns; column += LANES * phases) {
        copyColumns(offset, to, gap);
        offset += 16;
        to += <usize>LANES * gap;
      }
    }
  }
  return sigma;
}

/** The sums at the `nth` corner of the stump at `stump`. */
// @ts-ignore: decorator
@inline
function corner(stump: usize, nth: usize): v128 {
  return v128.load(patch + <usize>load<u16>(stump + (nth << 1)));
}

// @ts-ignore: decorator
@inline
function half(stump: usize, nth: usize): v128 {
  return i16x8.shr_u(
    i16x8.sub(
      i16x8.add(corner(stump, nth), corner(stump, nth + 3)),
      i16x8.add(corner(stump, nth + 1), corner(stump, nth + 2)),
    ),
    1,
  );
}

// @ts-ignore: decorator
@inline
function twice(v: v128): v128 {
  return i16x8.add(v, v);
}

/** Behind its corners a stump has its threshold and what it costs. */
// @ts-ignore: decorator
@inline
function limit(stump: usize, corners: usize, sigma: v128): v128 {
  return i16x8.q15mulr_sat_s(v128.load16_splat(stump + (corners << 1)), sigma);
}

// @ts-ignore: decorator
@inline
function cost(stump: usize, corners: usize, isPaid: v128): v128 {
  return v128.and(isPaid, v128.load16_splat(stump + (corners << 1), 2));
}

// @ts-ignore: decorator
@inline
function diagonal(stump: usize): v128 {
  const four = i16x8.add(
    i16x8.add(corner(stump, 1), corner(stump, 2)),
    i16x8.add(corner(stump, 3), corner(stump, 4)),
  );
  const outer = i16x8.add(
    i16x8.add(corner(stump, 5), corner(stump, 6)),
    i16x8.add(corner(stump, 7), corner(stump, 8)),
  );
  return i16x8.add(twice(i16x8.sub(twice(corner(stump, 0)), four)), outer);
}

/** Where the table goes on after the stage that was asked last. */
let next: usize = 0;

/** A bit for each window of the patch that a stage rejects. The shapes are those of ../stage_filter.ts. */
function rejectedBy(stage: usize, sigma: v128): i32 {
  let total = v128.load16_splat(stage);
  let stump = stage + HEADER_BYTES;
  for (const end = stump + 16 * <usize>load<u16>(stage, 2); stump < end; stump += 16) {
    const value = i16x8.add(
      twice(i16x8.sub(corner(stump, 0), corner(stump, 1))),
      i16x8.sub(
        i16x8.add(corner(stump, 2), corner(stump, 3)),
        i16x8.add(corner(stump, 4), corner(stump, 5)),
      ),
    );
    total = i16x8.sub_sat_s(total, cost(stump, 6, i16x8.gt_s(limit(stump, 6, sigma), value)));
  }
  for (const end = stump + 20 * <usize>load<u16>(stage, 4); stump < end; stump += 20) {
    const middle = i16x8.sub(
      i16x8.add(corner(stump, 0), corner(stump, 1)),
      i16x8.add(corner(stump, 2), corner(stump, 3)),
    );
    const outer = i16x8.sub(
      i16x8.add(corner(stump, 4), corner(stump, 5)),
      i16x8.add(corner(stump, 6), corner(stump, 7)),
    );
    const value = i16x8.add(i16x8.add(twice(middle), middle), outer);
    total = i16x8.sub_sat_s(total, cost(stump, 8, i16x8.gt_s(limit(stump, 8, sigma), value)));
  }
  for (const end = stump + 22 * <usize>load<u16>(stage, 6); stump < end; stump += 22) {
    total = i16x8.sub_sat_s(total, cost(stump, 9, i16x8.gt_s(limit(stump, 9, sigma), diagonal(stump))));
  }
  for (const end = stump + 22 * <usize>load<u16>(stage, 8); stump < end; stump += 22) {
    total = i16x8.sub_sat_s(total, cost(stump, 9, i16x8.gt_s(diagonal(stump), limit(stump, 9, sigma))));
  }
  for (const end = stump + 36 * <usize>load<u16>(stage, 10); stump < end; stump += 36) {
    const value = i16x8.sub(
      i16x8.add(half(stump, 0), half(stump, 4)),
      i16x8.add(half(stump, 8), half(stump, 12)),
    );
    total = i16x8.sub_sat_s(total, cost(stump, 16, i16x8.gt_s(limit(stump, 16, sigma), value)));
  }
  next = stump;
  return i16x8.bitmask(total);
}

/** Leaves of a list of `count` windows those that pass `stages` stages, the first of them at `first`; returns how many. */
export function passLate(list: usize, count: i32, first: usize, stages: i32): i32 {
  let left = list;
  const end = list + (<usize>count << 2);
  for (let from = list; from < end; from += <usize>LANES << 2) {
    const lanes = min(LANES, <i32>((end - from) >> 2));
    const sigma = fillPatch(from, lanes);
    let alive = (1 << lanes) - 1;
    next = first;
    for (let stage = 0; stage < stages && alive != 0; stage++) alive &= ~rejectedBy(next, sigma);
    for (; alive != 0; alive &= alive - 1) {
      store<u32>(left, load<u32>(from + (<usize>ctz(alive) << 2)));
      left += 4;
    }
  }
  return <i32>((left - list) >> 2);
}
