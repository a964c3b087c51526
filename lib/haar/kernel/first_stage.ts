/**
 * What the first stage means for a window's neighbour. In a row, the window after one that the first stage rejects is
 * passed over, the window after a flat one is not, so the first stage's answer must be exact: most windows are surely
 * rejected or surely accepted in 16 bits (../stage_code.ts), the others are asked exactly here.
 */
import { passesStage } from "./exact";
import { addWord } from "./groups";
import { flats, possibles, sures } from "./memory";

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
export function passRow(row: u32, inside: bool, columns: u32, norm: usize, exact: usize): bool {
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
      if (passesStage(<usize>window + <usize>bit, norm, exact)) passed |= (<u64>1) << bit;
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
