/**
 * Lists of groups. A group is a window and the seven windows to its right, with a bit for each that survives:
 *
 *     bit 31                8 7      0
 *     +----------------------+--------+
 *     |     window index     |  bits  |     bit i: window index + i
 *     +----------------------+--------+
 *
 * One list is built at a time: beginList(), addWord() or addGroup(), endList().
 */
import { GROUP_BYTES, GROUP_SHIFT } from "../compile/layout";

/** Where the next group is stored. */
export let end: usize = 0;

/** The group that addGroup() is still filling; none if it has no bits. */
let openWindow: u32 = 0;
let openBits: u32 = 0;

export function beginList(at: usize): void {
  end = at;
  openBits = 0;
  openWindow = 0;
}

// @inline
function storeGroup(window: u32, bits: u32): void {
  store<u32>(end, (window << GROUP_SHIFT) | bits);
  end += GROUP_BYTES;
}

/** Adds the windows `window + i` for the bits `i` of a word. Each group begins with a surviving window. */
// @inline
export function addWord(window: u32, bits: u64): void {
  while (bits != 0) {
    const skip = <u32> ctz(bits);
    bits >>= skip;
    window += skip;
    storeGroup(window, <u32> (bits & 255));
    bits >>= 8;
    window += 8;
  }
}

/**
 * Adds the surviving windows of another list's group, which must not be empty. They move into the open group as far as
 * they fit:
 *
 *     window          40  41  42  43  44  45  46  47  48  49  50
 *     open group      [1   .   .   1   .   .   .   .]
 *     next group                      [1   .   .   1   1   .   1  ...
 *     stored          [1   .   .   1   1   .   .   1]
 *     open group                                      [1   .   1  ...
 */
// @inline
export function addGroup(window: u32, bits: u32): void {
  const skip = ctz(bits);
  window += skip;
  bits >>= skip;
  if (openBits != 0) {
    const distance = window - openWindow;
    if (distance < 8) {
      const both = openBits | (bits << distance);
      openBits = both & 255;
      bits = both >> 8;
      if (bits == 0) return;
      const more = ctz(bits);
      window = openWindow + 8 + more;
      bits >>= more;
    }
    storeGroup(openWindow, openBits);
  }
  openWindow = window;
  openBits = bits;
}

/** Stores the group that is still open. */
export function endList(): void {
  if (openBits == 0) return;
  storeGroup(openWindow, openBits);
}
