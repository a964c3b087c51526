/** The kernel's door: what the host (../kernel.ts) may call. */
import { passesStage, stageSum } from "./exact";
import { measureRow, passRow } from "./first_stage";
import { addWindows, beginList, end, endList } from "./groups";
import { addRow, addRowSplit, clearFirstRow } from "./integral";
import { found } from "./memory";
import { ACROSS_BYTES, copyRow, resizeRow } from "./resize";

export { placeBits, placeFrame, placeTables, placeWindows } from "./memory";

/** The first free byte of the memory. */
export const firstFree: usize = __heap_base;

/**
 * Builds a part of one pyramid level from the frame: `width` by `height` pixels from column `left` (a multiple of 8) and
 * row `top` on. `across`: the level's table of columns, `near`: which of its two kinds (resize.ts). `down`: for each row
 * the frame's upper row and the weight of the lower one (2 x i32); 0 for a level as large as the frame. `plane`: where
 * odd columns begin, 0 if columns stay in order.
 */
export function buildLevel(
  left: i32,
  top: i32,
  width: i32,
  height: i32,
  across: usize,
  near: bool,
  down: usize,
  stride: i32,
  plane: i32,
): void {
  clearFirstRow(stride);
  across += <usize>(left >> 3) * ACROSS_BYTES;
  for (let y = 0; y < height; y++) {
    const row = down + (<usize>(top + y) << 3);
    if (down == 0) copyRow(left, top + y, width);
    else resizeRow(width, across, near, load<i32>(row), load<i32>(row, 4));
    if (plane == 0) addRow(y, width, stride);
    else addRowSplit(y, width, stride, plane);
  }
}

/** Measures every window of the level that was built: `rows` rows of `columns` windows, `rowLength` elements apart. */
export function measureLevel(columns: i32, rows: i32, rowLength: i32, corners: usize): void {
  for (let row = 0; row < rows; row++) measureRow(row * rowLength, columns, corners);
}

/**
 * Lists the windows that pass the first stage at `to` and returns the list's end.
 * `inside`: 1 if rows begin inside the level, else 0. `lead`: so many windows of each row (a multiple of 8) are not
 * listed, they only tell whether the next one is passed over; if they cannot tell, 0 is returned.
 * `corners`: where the variance is measured (exact.ts), at 24 the least spread that is not flat (f64). `exact`: the first
 * stage's exact table.
 */
export function listLevel(
  inside: u32,
  lead: u32,
  columns: u32,
  rows: i32,
  rowLength: i32,
  corners: usize,
  exact: usize,
  to: usize,
): usize {
  beginList(to);
  for (let row = 0; row < rows; row++) {
    if (!passRow(row * rowLength, inside, lead, columns, corners, exact)) return 0;
  }
  endList();
  return end;
}

/** Copies what is still alive of a list to `to`, closer together, and returns the new list's end. */
export function closeUp(from: usize, until: usize, to: usize): usize {
  beginList(to);
  for (; from < until; from += 4) {
    const group = load<u32>(from);
    addWindows(group >> 8, group & 255);
  }
  endList();
  return end;
}

/**
 * Asks exactly about the windows of a list that are not in the list `sure` beside it, and takes out of it those that
 * the stage rejects.
 */
export function settle(from: usize, until: usize, sure: usize, corners: usize, stage: usize): void {
  for (; from < until; from += 4, sure += 4) {
    let group = load<u32>(from);
    for (let bits = group & ~load<u32>(sure) & 255; bits != 0; bits &= bits - 1) {
      const bit = ctz(bits);
      if (!passesStage(<usize>((group >> 8) + bit), corners, stage)) group &= ~(1 << bit);
    }
    store<u32>(from, group);
  }
}

/** Writes the windows of a list to `found`, one by one, and returns how many there are. */
export function writeFound(from: usize, until: usize): i32 {
  let last = found;
  for (; from < until; from += 4) {
    const group = load<u32>(from);
    for (let bits = group & 255; bits != 0; bits &= bits - 1) {
      store<u32>(last, (group >> 8) + ctz(bits));
      last += 4;
    }
  }
  return <i32>((last - found) >> 2);
}

/** What the stumps of a stage add up to for one window. */
export function sumStage(window: usize, corners: usize, stage: usize): f64 {
  return stageSum(window, corners, stage);
}
