/**
 * Lists of window groups. A group is a window and the seven to its right, and which of them are still alive: one u32,
 * `window << 8 | alive`. Groups are added from left to right and slide so that each begins with a living window.
 */

/** Where the next group is stored. */
export let end: usize = 0;
let first: u32 = 0;
let alive: u32 = 0;

export function beginList(at: usize): void {
  end = at;
  alive = 0;
  first = 0;
}

/** Adds the windows `window + i` of the bits `i` of `bits`. */
// @ts-ignore: decorator
@inline
export function addWindows(window: u32, bits: u32): void {
  if (bits == 0) return;
  const skip = ctz(bits);
  window += skip;
  bits >>= skip;
  if (alive != 0) {
    const distance = window - first;
    if (distance < 8) {
      const both = alive | (bits << distance);
      alive = both & 255;
      bits = both >> 8;
      if (bits == 0) return;
      const more = ctz(bits);
      window = first + 8 + more;
      bits >>= more;
    }
    store<u32>(end, (first << 8) | alive);
    end += 4;
  }
  first = window;
  alive = bits;
}

/** Ends the list with empty groups, so that whoever reads four at a time reads no rubbish. */
export function endList(): void {
  if (alive != 0) {
    store<u32>(end, (first << 8) | alive);
    end += 4;
  }
  store<u32>(end, 0);
  store<u32>(end, 0, 4);
  store<u32>(end, 0, 8);
  store<u32>(end, 0, 12);
}
