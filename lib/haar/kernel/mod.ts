/** The kernel's public interface: the functions that the host calls (../kernel_module.ts). */
import {
  COLUMN_BLOCK_BYTES,
  GROUP_BYTES,
  GROUP_SHIFT,
  ROW_ENTRY_BYTES,
  ROW_LOWER_WEIGHT_AT,
  ROW_UPPER_AT,
  WINDOW_BYTES,
} from "../compile/layout";
import { searchRow } from "./first_stage";
import { addGroup, beginList, end, endList } from "./groups";
import { addRow, addRowSplit, addSquaresOdd, addSquaresSplit, clearFirstRow, pixelRow } from "./integral";
import { oddColumns, patchColumns, patchRows } from "./memory";
import { copyRow, resizeRow } from "./resize";
import { measureRow } from "./variance";

export { setBitmaps, setFrame, setLayout, setPatch, setTables } from "./memory";
export { evaluateExactly } from "./exact";
export { passLateStages } from "./late_stages";
export { stretchFrame } from "./stretch";

/** The first free byte of the memory. */
export const firstFree: usize = __heap_base;

/**
 * Steps 1 and 2: resizes a part of a pyramid level from the frame and builds its tables. The part is `width` by
 * `height` pixels from column `left` (a multiple of PART_ALIGNMENT) and row `top` on.
 * @param columnTable the level's column table
 * @param isNear whether the column table consists of near blocks
 * @param rowTable the level's row table; 0: the level is as large as the frame
 */
export function buildLevel(
  left: i32,
  top: i32,
  width: i32,
  height: i32,
  columnTable: usize,
  isNear: bool,
  rowTable: usize,
): void {
  clearFirstRow();
  const columns = columnTable + <usize> (left >> 2) * COLUMN_BLOCK_BYTES;
  // The patch has one more column and row than a window.
  const hasEvenSides = (patchColumns & patchRows & 1) == 1;
  for (let y = 0; y < height; y++) {
    if (rowTable == 0) {
      copyRow(left, top + y, width, pixelRow(y));
    } else {
      const row = rowTable + <usize> (top + y) * ROW_ENTRY_BYTES;
      const upper = load<i32>(row, ROW_UPPER_AT);
      resizeRow(width, columns, isNear, upper, load<i32>(row, ROW_LOWER_WEIGHT_AT), pixelRow(y));
    }
    if (oddColumns == 0) {
      addRow(y, width);
    } else {
      addRowSplit(y, width);
      if (!hasEvenSides) addSquaresSplit(y, width);
      else if ((y & 1) == 0) addSquaresOdd(y, width);
    }
  }
}

/** Step 3: measures the variance of `rows` rows of `columns` windows, `rowLength` elements apart. */
export function measureLevel(columns: i32, rows: i32, rowLength: i32, varianceTable: usize): void {
  for (let row = 0; row < rows; row++) measureRow(row * rowLength, columns, varianceTable);
}

/**
 * Step 4: lists the groups that pass the first stage at `to` and returns the list's end, or 0 if the skip state of a
 * row is unknown (see searchRow()).
 * @param exact the exact table of the first stage, for the integral image
 */
export function listLevel(
  startsInside: bool,
  columns: u32,
  rows: i32,
  rowLength: i32,
  varianceTable: usize,
  exact: usize,
  to: usize,
): usize {
  beginList(to);
  for (let row = 0; row < rows; row++) {
    if (!searchRow(row * rowLength, startsInside, columns, varianceTable, exact)) return 0;
  }
  return end;
}

/**
 * Compaction: packs the surviving windows of a list of groups into fewer groups at `to` and returns the new list's end.
 */
export function compact(from: usize, until: usize, to: usize): usize {
  beginList(to);
  for (; from < until; from += GROUP_BYTES) {
    const group = load<u32>(from);
    addGroup(group >> GROUP_SHIFT, group & 255);
  }
  endList();
  return end;
}

/** Writes the surviving windows of a list of groups to `to`, one by one, and returns how many there are. */
export function expand(from: usize, until: usize, to: usize): i32 {
  let last = to;
  for (; from < until; from += GROUP_BYTES) {
    const group = load<u32>(from);
    for (let bits = group & 255; bits != 0; bits &= bits - 1) {
      store<u32>(last, (group >> GROUP_SHIFT) + ctz(bits));
      last += WINDOW_BYTES;
    }
  }
  return <i32> ((last - to) / WINDOW_BYTES);
}
