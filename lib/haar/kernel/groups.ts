/**
 * Lists of window groups. A group is a window and the seven to its right, and which of them are still alive: one u32,
 * `window << 8 | alive`.
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
export function addWord(window: u32, bits: u64): void {
  while (bits != 0) {
    const skip = <u32>ctz(bits);
    bits >>= skip;
    window += skip;
    store<u32>(end, (window << 8) | <u32>(bits & 255));
    end += 4;
    bits >>= 8;
    window += 8;
  }
}

/** The same for up to eight windows: groups slide, so that each begins with a living window. */
// @ts-ignore: decorator
@inline
export function addWindows(window: u32, bits: u32): void {
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

/** Stores the last group. */
export function endList(): void {
  if (alive == 0) return;
  store<u32>(end, (first << 8) | alive);
  end += 4;
}
