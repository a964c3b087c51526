/**
 * Copies eight windows of a list into the patch, which holds for each corner of a window eight values side by side, one
 * of each window:
 *
 *     integral image             patch
 *     window 0: a0 a1 a2 …       a0 b0 c0 … h0    corner 0 of all windows (16 bytes)
 *     window 1: b0 b1 b2 …       a1 b1 c1 … h1    corner 1
 *     …                          …
 *
 * Offsets of corners in the patch are the same for every level and frame, so one table serves them all.
 */
import { INTEGRAL_BYTES, PATCH_CORNER_BYTES, PATCH_WINDOWS, WINDOW_BYTES } from "../compile/layout";
import { integralAt, oddColumns, patch, patchColumns, patchRows, sigmaAt, stride } from "./memory";

/** Addresses of the eight windows in the integral image. */
const windowsAt: usize = memory.data(32, 16);

/** The address of a window in the integral image. */
// @inline
function windowAt(lane: usize): usize {
  return <usize> load<u32>(windowsAt + (lane << 2));
}

/**
 * Copies eight columns of each window, transposed, and returns where the next column goes. `w0` to `w7`: addresses of the
 * windows; `gap`: bytes from one column to the next in the patch.
 */
// @inline
function copyColumns(
  w0: usize,
  w1: usize,
  w2: usize,
  w3: usize,
  w4: usize,
  w5: usize,
  w6: usize,
  w7: usize,
  offset: usize,
  to: usize,
  gap: usize,
): usize {
  const r0 = v128.load(w0 + offset);
  const r1 = v128.load(w1 + offset);
  const r2 = v128.load(w2 + offset);
  const r3 = v128.load(w3 + offset);
  const r4 = v128.load(w4 + offset);
  const r5 = v128.load(w5 + offset);
  const r6 = v128.load(w6 + offset);
  const r7 = v128.load(w7 + offset);
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
  to += gap;
  v128.store(to, v128.shuffle<i16>(b0, b4, 4, 12, 5, 13, 6, 14, 7, 15));
  to += gap;
  v128.store(to, v128.shuffle<i16>(b1, b5, 0, 8, 1, 9, 2, 10, 3, 11));
  to += gap;
  v128.store(to, v128.shuffle<i16>(b1, b5, 4, 12, 5, 13, 6, 14, 7, 15));
  to += gap;
  v128.store(to, v128.shuffle<i16>(b2, b6, 0, 8, 1, 9, 2, 10, 3, 11));
  to += gap;
  v128.store(to, v128.shuffle<i16>(b2, b6, 4, 12, 5, 13, 6, 14, 7, 15));
  to += gap;
  v128.store(to, v128.shuffle<i16>(b3, b7, 0, 8, 1, 9, 2, 10, 3, 11));
  to += gap;
  v128.store(to, v128.shuffle<i16>(b3, b7, 4, 12, 5, 13, 6, 14, 7, 15));
  return to + gap;
}

/** Fills the patch with `count` windows of a list and repeats the last one up to eight. Returns their sigmas. */
export function fillPatch(list: usize, count: i32): v128 {
  let sigma = i16x8.splat(0);
  for (let lane = 0; lane < PATCH_WINDOWS; lane++) {
    const window = <usize> load<u32>(list + <usize> min(lane, count - 1) * WINDOW_BYTES);
    store<u32>(windowsAt + (<usize> lane << 2), <u32> integralAt(window));
    sigma = v128.shuffle<i16>(sigma, i16x8.splat(load<i16>(sigmaAt(window))), 1, 2, 3, 4, 5, 6, 7, 8);
  }
  const phases = oddColumns == 0 ? 1 : 2;
  const gap = <usize> phases * PATCH_CORNER_BYTES;
  const w0 = windowAt(0), w1 = windowAt(1), w2 = windowAt(2), w3 = windowAt(3);
  const w4 = windowAt(4), w5 = windowAt(5), w6 = windowAt(6), w7 = windowAt(7);
  for (let y = 0; y < patchRows; y++) {
    for (let phase = 0; phase < phases; phase++) {
      let offset = <usize> (y * stride + phase * oddColumns) * INTEGRAL_BYTES;
      let to = patch + <usize> (y * patchColumns + phase) * PATCH_CORNER_BYTES;
      // The next row overwrites what is copied beyond the last column.
      for (let column = phase; column < patchColumns; column += PATCH_WINDOWS * phases) {
        to = copyColumns(w0, w1, w2, w3, w4, w5, w6, w7, offset, to, gap);
        offset += 16;
      }
    }
  }
  return sigma;
}
