/** The kernel's door: what the host (../kernel.ts) may call. */
import { passRow } from "./first_stage";
import { addWindows, beginList, end, endList } from "./groups";
import { addRow, addRowSplit, addSquaresOdd, addSquaresSplit, clearFirstRow, pixelRow } from "./integral";
import { patchColumns, patchRows, plane } from "./memory";
import { ACROSS_BYTES, copyRow, resizeRow } from "./resize";
import { measureRow } from "./variance";

export { layOut, placeBits, placeFrame, placePatch, placeTables } from "./memory";
export { judge } from "./exact";
export { passLate } from "./patch";
export { stretchFrame } from "./stretch";

/** The first free byte of the memory. */
export const firstFree: usize = __heap_base;

/**
 * Builds a part of one pyramid level from the frame: `width` by `height` pixels from column `left` (a multiple of 16) and
 * row `top` on. `across`: the level's table of columns, `near`: which of its two kinds (resize.ts). `down`: for each row
 * the frame's upper row and the weight of the lower one (2 x i32); 0 for a level as large as the frame.
 */
export function buildLevel(
  left: i32,
  top: i32,
  width: i32,
  height: i32,
  across: usize,
  near: bool,
  down: usize,
): void {
  clearFirstRow();
  across += <usize>(left >> 3) * ACROSS_BYTES;
  const areSidesEven = (patchColumns & patchRows & 1) == 1;
  for (let y = 0; y < height; y++) {
    const row = down + (<usize>(top + y) << 3);
    if (down == 0) copyRow(left, top + y, width, pixelRow(y));
    else resizeRow(width, across, near, load<i32>(row), load<i32>(row, 4), pixelRow(y));
    if (plane == 0) {
      addRow(y, width);
    } else {
      addRowSplit(y, width);
      if (!areSidesEven) addSquaresSplit(y, width);
      else if ((y & 1) == 0) addSquaresOdd(y, width);
    }
  }
}

/** Measures every window of what was built: `rows` rows of `columns` windows, `rowLength` elements apart. */
export function measureLevel(columns: i32, rows: i32, rowLength: i32, norm: usize): void {
  for (let row = 0; row < rows; row++) measureRow(row * rowLength, columns, norm);
}

/**
 * Lists the windows that pass the first stage at `to` and returns the list's end; 0 if that is not known, see `passRow`.
 * `norm`: see variance.ts. `exact`: the first stage's exact
 * table.
 */
export function listLevel(
  inside: bool,
  columns: u32,
  rows: i32,
  rowLength: i32,
  norm: usize,
  exact: usize,
  to: usize,
): usize {
  beginList(to);
  for (let row = 0; row < rows; row++) {
    if (!passRow(row * rowLength, inside, columns, norm, exact)) return 0;
  }
  return end;
}

/** Copies a list of living groups to `to`, neighbours closer together, and returns the new list's end. */
export function closeUp(from: usize, until: usize, to: usize): usize {
  beginList(to);
  for (; from < until; from += 4) {
    const group = load<u32>(from);
    addWindows(group >> 8, group & 255);
  }
  endList();
  return end;
}

/** Writes the windows of a list of groups to `to`, one by one, and returns how many there are. */
export function spreadOut(from: usize, until: usize, to: usize): i32 {
  let last = to;
  for (; from < until; from += 4) {
    const group = load<u32>(from);
    for (let bits = group & 255; bits != 0; bits &= bits - 1) {
      store<u32>(last, (group >> 8) + ctz(bits));
      last += 4;
    }
  }
  return <i32>((last - to) >> 2);
}
