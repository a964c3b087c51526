/**
 * What every window of a level goes through: its standard deviation, the test for flat windows, and what the first
 * stage means for its neighbour. In a row, the window after one that the first stage rejects is passed over, the
 * window after a flat one is not, so the first stage's answer must be exact: most windows are surely rejected or
 * surely accepted in 16 bits (../stage_code.ts), the others are asked exactly here.
 */
import { passesStage } from "./exact";
import { addWindows } from "./groups";
import { flats, possibles, sigmas, squares, sums, sures } from "./memory";

// @ts-ignore: decorator
@inline
function rectangles(at: usize, a: usize, b: usize, c: usize, d: usize): v128 {
  return i32x4.add(
    i32x4.sub(v128.load(at + a), v128.load(at + b)),
    i32x4.sub(v128.load(at + d), v128.load(at + c)),
  );
}

// @ts-ignore: decorator
@inline
function upper(v: v128): v128 {
  return v128.shuffle<i32>(v, v, 2, 3, 2, 3);
}

/** area * squares - sum^2 for two windows: exact, below 2^53. */
// @ts-ignore: decorator
@inline
function spread(sum: v128, square: v128, area: v128): v128 {
  const s = f64x2.convert_low_i32x4_s(sum);
  return f64x2.sub(f64x2.mul(area, f64x2.convert_low_i32x4_u(square)), f64x2.mul(s, s));
}

/** Half the root of four spreads, rounded. */
// @ts-ignore: decorator
@inline
function halfRoots(low: v128, high: v128): v128 {
  const four = v128.shuffle<i32>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 1, 4, 5);
  return i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(f32x4.sqrt(four), f32x4.splat(0.5))));
}

/** Stores the sigmas of one row of windows, and which of them are not flat: a byte for eight windows. */
export function measureRow(row: usize, columns: i32, corners: usize): void {
  const area = f64x2.splat(<f64>load<i32>(corners, 16));
  const least = f64x2.splat(load<f64>(corners, 24));
  const cornerA = <usize>load<i32>(corners);
  const cornerB = <usize>load<i32>(corners, 4);
  const cornerC = <usize>load<i32>(corners, 8);
  const cornerD = <usize>load<i32>(corners, 12);
  for (let window = row; window < row + <usize>columns; window += 8) {
    const atSums = sums + (window << 2);
    const atSquares = squares + (window << 2);
    const sumLow = rectangles(atSums, cornerA, cornerB, cornerC, cornerD);
    const sumHigh = rectangles(atSums + 16, cornerA, cornerB, cornerC, cornerD);
    const squareLow = rectangles(atSquares, cornerA, cornerB, cornerC, cornerD);
    const squareHigh = rectangles(atSquares + 16, cornerA, cornerB, cornerC, cornerD);
    const a = spread(sumLow, squareLow, area);
    const b = spread(upper(sumLow), upper(squareLow), area);
    const c = spread(sumHigh, squareHigh, area);
    const d = spread(upper(sumHigh), upper(squareHigh), area);
    v128.store(sigmas + (window << 1), i16x8.narrow_i32x4_s(halfRoots(a, b), halfRoots(c, d)));
    const notFlat = i64x2.bitmask(f64x2.ge(a, least)) | (i64x2.bitmask(f64x2.ge(b, least)) << 2) |
      (i64x2.bitmask(f64x2.ge(c, least)) << 4) | (i64x2.bitmask(f64x2.ge(d, least)) << 6);
    const left = <i32>(row + <usize>columns - window);
    store<u8>(flats + (window >> 3), left >= 8 ? notFlat : notFlat & ((1 << left) - 1));
  }
}

/** Which of eight windows are searched, for each pattern of rejected ones; then the same after a skip. */
const searchedTable: usize = memory.data(512, 16);
let tableIsMade = false;

/** A searched and rejected window makes its neighbour be passed over, so that runs of rejected ones take turns. */
function makeTable(): void {
  for (let pattern: u32 = 0; pattern < 512; pattern++) {
    let searched: u32 = 0;
    let skipped = pattern >> 8;
    for (let bit: u32 = 0; bit < 8; bit++) {
      const search = skipped ^ 1;
      searched |= search << bit;
      skipped = search & (pattern >> bit);
    }
    store<u8>(searchedTable + <usize>pattern, searched);
  }
  tableIsMade = true;
}

/**
 * Adds the windows of a row that the first stage lets pass to the list that is open, without the first `lead` ones (a
 * multiple of 8). Of a row that begins inside the level (`inside` is 1, else 0), it is not known whether its first window
 * is passed over: both are tried, until a window that is not rejected makes them the same. Returns whether one was in the
 * lead.
 */
export function passRow(
  row: u32,
  inside: u32,
  lead: u32,
  columns: u32,
  corners: usize,
  exact: usize,
): bool {
  if (!tableIsMade) makeTable();
  const start = row + lead;
  let skipped: u32 = 0;
  let otherwise = inside;
  for (let window = row; window < row + columns; window += 8) {
    const group = <usize>(window >> 3);
    const candidates = <u32>load<u8>(flats + group);
    const possible = candidates & <u32>load<u8>(possibles + group);
    const sure = possible & <u32>load<u8>(sures + group);
    let passed = sure;
    for (let doubtful = possible ^ sure; doubtful != 0; doubtful &= doubtful - 1) {
      const bit = ctz(doubtful);
      if (passesStage(<usize>(window + bit), corners, exact)) passed |= 1 << bit;
    }
    const rejected = candidates ^ passed;
    const searched = <u32>load<u8>(searchedTable + <usize>((skipped << 8) | rejected));
    if (window < start) {
      const other = <u32>load<u8>(searchedTable + <usize>((otherwise << 8) | rejected));
      otherwise = (rejected & other) >> 7;
    } else {
      if (window == start && otherwise != skipped) return false;
      addWindows(window, passed & searched);
    }
    skipped = (rejected & searched) >> 7;
  }
  return true;
}
