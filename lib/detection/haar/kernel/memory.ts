/**
 * Where everything is: byte addresses in the module's one memory, chosen by the host (../kernel_memory.ts).
 * Two tables of sums are kept for each pyramid level, both with a zero row above and a zero column to the left:
 * `sums` holds whole sums (i32), `shorts` the same modulo 2^16, `halves` half of them modulo 2^16.
 * Where only every second window is searched, a row is kept as its even columns followed by its odd ones, so that
 * eight windows side by side are eight values side by side. A window is named by its index in such a table.
 */

/** The gray frame: `frameWidth * frameHeight` bytes. */
export let frame: usize = 0;
export let frameWidth: i32 = 0;
export let frameHeight: i32 = 0;
/** One row of the frame blended with the next, u16 less 32768. */
export let blended: usize = 0;
/** One row of the level, u16. */
export let pixels: usize = 0;
export let sums: usize = 0;
export let squares: usize = 0;
export let shorts: usize = 0;
export let halves: usize = 0;
/** Half of each window's standard deviation times its area, i16. */
export let sigmas: usize = 0;
/** For eight windows each a byte, a bit for each: not flat; perhaps, surely accepted by the first stage. */
export let flats: usize = 0;
export let possibles: usize = 0;
export let sures: usize = 0;
/** Indices of the windows that are faces, u32. */
export let found: usize = 0;

export function placeFrame(at: usize, width: i32, height: i32, blendedAt: usize, pixelsAt: usize): void {
  frame = at;
  frameWidth = width;
  frameHeight = height;
  blended = blendedAt;
  pixels = pixelsAt;
}

export function placeTables(sumsAt: usize, squaresAt: usize, shortsAt: usize, halvesAt: usize): void {
  sums = sumsAt;
  squares = squaresAt;
  shorts = shortsAt;
  halves = halvesAt;
}

export function placeBits(flatsAt: usize, possiblesAt: usize, suresAt: usize): void {
  flats = flatsAt;
  possibles = possiblesAt;
  sures = suresAt;
}

export function placeWindows(sigmasAt: usize, foundAt: usize): void {
  sigmas = sigmasAt;
  found = foundAt;
}
