/**
 * Step 4: which windows of a row are searched, and which of those pass the first stage. OpenCV skips the window to the
 * right of one that the first stage rejects; it skips none to the right of a flat one. So the first stage's answer must
 * be exact. 16 bits decide most windows (`maybePassed`, `surelyPassed`), passesStage() decides the others.
 */
import { LEAD_WINDOWS } from "../compile/layout";
import { passesStage } from "./exact";
import { addWord } from "./groups";
import { maybePassed, notFlat, surelyPassed } from "./memory";

const ODD_BITS: u64 = 0xaaaaaaaaaaaaaaaa;

/**
 * The skipped windows among 64. In a run of rejected windows every second one is skipped, and the window behind the run
 * is skipped if the run's last window was searched. README.md draws the expression as rows of bits; it is simdjson's
 * for characters escaped by backslashes (find_escaped in json_escape_scanner.h).
 * @param rejected the windows that are not flat and that the first stage rejects
 * @param first 1 if the first window is skipped, else 0
 */
// @inline
function skippedOf(rejected: u64, first: u64): u64 {
  const begun = rejected & ~first;
  return (((begun << 1) | ODD_BITS) - begun) ^ ODD_BITS ^ (rejected | first);
}

/** 1 if the window behind the 64 is skipped, else 0. */
// @inline
function carryOf(rejected: u64, skipped: u64): u64 {
  return (rejected & ~skipped) >> 63;
}

/**
 * Adds the windows of a row that pass the first stage to the open list.
 *
 * For a row that starts inside the level it is unknown whether the first window is skipped. The first 64 windows (the
 * lead) are then evaluated under both assumptions and not added. Both nearly always agree on the window behind the
 * lead, since they agree from the first window on that is not rejected. Returns false if they do not agree.
 */
export function searchRow(
  row: u32,
  startsInside: bool,
  columns: u32,
  varianceTable: usize,
  exact: usize,
): bool {
  let skip: u64 = 0;
  const end = row + columns;
  for (let window = row; window < end; window += LEAD_WINDOWS) {
    const bytes = <usize> (window >> 3);
    let candidates = load<u64>(notFlat + bytes);
    if (end - window < <u32> LEAD_WINDOWS) candidates &= ((<u64> 1) << (end - window)) - 1;
    const maybe = candidates & load<u64>(maybePassed + bytes);
    const surely = maybe & load<u64>(surelyPassed + bytes);
    let passed = surely;
    for (let undecided = maybe ^ surely; undecided != 0; undecided &= undecided - 1) {
      const bit = ctz(undecided);
      if (passesStage(<usize> window + <usize> bit, varianceTable, exact)) passed |= (<u64> 1) << bit;
    }
    const rejected = candidates ^ passed;
    const skipped = skippedOf(rejected, skip);
    const carry = carryOf(rejected, skipped);
    if (startsInside && window == row) {
      if (carry != carryOf(rejected, skippedOf(rejected, 1))) return false;
    } else {
      addWord(window, passed & ~skipped);
    }
    skip = carry;
  }
  return true;
}
