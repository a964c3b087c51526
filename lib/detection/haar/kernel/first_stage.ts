/**
 * What every window of a level goes through: its standard deviation, the test for flat windows, and what the first
 * stage means for its neighbour. In a row, the window after one that the first stage rejects is passed over, the
 * window after a flat one is not, so the first stage's answer must be exact: most windows are surely rejected or
 * surely accepted in 16 bits (../stage_code.ts), the others are asked exactly here.
 */
import { passesStage } from "./exact";
import { addWord } from "./groups";
import { flats, possibles, sigmas, squares, sums, sures } from "./memory";

// @ts-ignore: decorator
@inline
function rectangles(at: usize, a: usize, b: usize, c: usize, d: usize): v128 {
  return i32x4.add(
    i32x4.sub(v128.load(at + a), v128.load(at + b)),
    i32x4.sub(v128.load(at + d), v128.load(at + c)),
  );
}

/** Spreads above this are surely not flat; those below fit in an i32. */
const LARGE: f32 = 1.8e9;
/** Added to a number below 2^23, it leaves the nearest whole number in the low bits. */
const TO_WHOLE: f32 = 8388608;

/** The spreads of four windows, close as f32. */
// @ts-ignore: decorator
@inline
function closeSpread(sum: v128, square: v128, area: v128): v128 {
  const s = f32x4.convert_i32x4_s(sum);
  return f32x4.sub(f32x4.mul(f32x4.convert_i32x4_s(area), f32x4.convert_i32x4_s(square)), f32x4.mul(s, s));
}

/**
 * Stores the sigmas of one row of windows, and which of them are not flat: a byte for eight windows. Of small windows the
 * spread (area * squares - sum^2) is exact, as an u32. Of large ones it is known modulo 2^32, which is enough below LARGE,
 * and closely, which is enough above.
 */
// @ts-ignore: decorator
@inline
function measure(row: usize, columns: i32, corners: usize, isWhole: bool): void {
  const area = i32x4.splat(load<i32>(corners, 16));
  const least = i32x4.splat(load<i32>(corners, 20));
  const large = f32x4.splat(LARGE);
  const kept = f32x4.splat(load<f32>(corners, 24));
  const toWhole = f32x4.splat(TO_WHOLE);
  const cornerA = <usize>load<i32>(corners);
  const cornerB = <usize>load<i32>(corners, 4);
  const cornerC = <usize>load<i32>(corners, 8);
  const cornerD = <usize>load<i32>(corners, 12);
  for (let window = row; window < row + <usize>columns; window += 8) {
    let notFlat = i32x4.splat(0);
    let roots = i32x4.splat(0);
    for (let part: usize = 0; part < 32; part += 16) {
      const sum = rectangles(sums + (window << 2) + part, cornerA, cornerB, cornerC, cornerD);
      const square = rectangles(squares + (window << 2) + part, cornerA, cornerB, cornerC, cornerD);
      const exact = i32x4.sub(i32x4.mul(area, square), i32x4.mul(sum, sum));
      let isNotFlat: v128;
      let spread: v128;
      if (isWhole) {
        isNotFlat = i32x4.ge_u(exact, least);
        // Half of it, since there is no instruction for an u32; `kept` makes up for that.
        spread = f32x4.convert_i32x4_s(i32x4.shr_u(exact, 1));
      } else {
        const close = closeSpread(sum, square, area);
        const isLarge = f32x4.gt(close, large);
        isNotFlat = v128.or(isLarge, i32x4.ge_s(exact, least));
        spread = v128.bitselect(close, f32x4.convert_i32x4_s(exact), isLarge);
      }
      const root = f32x4.add(f32x4.mul(f32x4.sqrt(spread), kept), toWhole);
      notFlat = part == 0 ? isNotFlat : i16x8.narrow_i32x4_s(notFlat, isNotFlat);
      roots = part == 0 ? root : v128.shuffle<i16>(roots, root, 0, 2, 4, 6, 8, 10, 12, 14);
    }
    v128.store(sigmas + (window << 1), roots);
    store<u8>(flats + (window >> 3), i16x8.bitmask(notFlat));
  }
}

/** `corners`: see writeNormCorners in ../exact_table.ts. */
export function measureRow(row: usize, columns: i32, corners: usize): void {
  if (load<i32>(corners, 28) != 0) measure(row, columns, corners, true);
  else measure(row, columns, corners, false);
}

const ODD_BITS: u64 = 0xaaaaaaaaaaaaaaaa;

/**
 * Which of 64 windows are passed over, of those that the first stage rejects and those it does not. A run of rejected
 * windows takes turns, and the window behind it is passed over if the last one was searched: what simdjson does with
 * backslashes (find_escaped in json_escape_scanner.h). `first`: whether the first one is passed over, 1 or 0.
 */
// @ts-ignore: decorator
@inline
function passedOver(rejected: u64, first: u64): u64 {
  const searched = rejected & ~first;
  return (((searched << 1) | ODD_BITS) - searched) ^ ODD_BITS ^ (rejected | first);
}

/** Whether the window after the 64 is passed over. */
// @ts-ignore: decorator
@inline
function carryOf(rejected: u64, skipped: u64): u64 {
  return (rejected & ~skipped) >> 63;
}

/**
 * Adds the windows of a row that the first stage lets pass to the list that is open. Of a row that begins inside the
 * level, it is not known whether the first window is passed over: its first 64 windows are not added but tell, since
 * what follows a window that is not rejected is known. Returns whether they do.
 */
export function passRow(row: u32, inside: bool, columns: u32, corners: usize, exact: usize): bool {
  let skip: u64 = 0;
  const end = row + columns;
  for (let window = row; window < end; window += 64) {
    const bytes = <usize>(window >> 3);
    let candidates = load<u64>(flats + bytes);
    if (end - window < 64) candidates &= ((<u64>1) << (end - window)) - 1;
    const possible = candidates & load<u64>(possibles + bytes);
    const sure = possible & load<u64>(sures + bytes);
    let passed = sure;
    for (let doubtful = possible ^ sure; doubtful != 0; doubtful &= doubtful - 1) {
      const bit = ctz(doubtful);
      if (passesStage(<usize>window + <usize>bit, corners, exact)) passed |= (<u64>1) << bit;
    }
    const rejected = candidates ^ passed;
    const skipped = passedOver(rejected, skip);
    const carry = carryOf(rejected, skipped);
    if (inside && window == row) {
      if (carry != carryOf(rejected, passedOver(rejected, 1))) return false;
    } else {
      addWord(window, passed & ~skipped);
    }
    skip = carry;
  }
  return true;
}
