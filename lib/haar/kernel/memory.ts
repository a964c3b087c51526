/**
 * Where everything is: byte addresses in the module's one memory, chosen by the host (../search_plan.ts).
 * Of the part of a level that is searched there are tables with a zero row above and a zero column to the left: `sums`
 * holds sums modulo 2^16 (u16), which is enough for rectangles of up to 257 pixels, `squares` sums of squares (u32).
 * Where only every second window is searched, a row is kept as its even columns followed by its odd ones, so that
 * eight windows side by side are eight values side by side. A window is named by its index in such a table.
 */

/** The gray frame: `frameWidth * frameHeight` bytes. */
export let frame: usize = 0;
export let frameWidth: i32 = 0;
export let frameHeight: i32 = 0;
/** One row of the frame blended with the next, u16 less 32768. */
export let blended: usize = 0;
/** Two rows of the level, u8, one for even and one for odd ones, with nothing but zeros in the bytes before each. */
export let pixels: usize = 0;
/** So many; the last one is read. */
export const PIXEL_MARGIN: usize = 16;
/** From one to the other, bytes. */
export let pixelRowBytes: usize = 0;
export let sums: usize = 0;
export let squares: usize = 0;
/** Each window's standard deviation times its area, i16; half of it, or less (`sigmaUnit` in ../exact_table.ts). */
export let sigmas: usize = 0;
/** A bit for each window: not flat; perhaps, surely accepted by the first stage. */
export let flats: usize = 0;
export let possibles: usize = 0;
export let sures: usize = 0;
/** A copy of eight windows, with `patchColumns` corners in each of `patchRows` rows. */
export let patch: usize = 0;
export let patchColumns: i32 = 0;
export let patchRows: i32 = 0;

/** Elements in a row of the tables. */
export let stride: i32 = 0;
/** Where a row's odd columns begin; 0: columns are in order. */
export let plane: i32 = 0;

export function placeFrame(
  at: usize,
  width: i32,
  height: i32,
  blendedAt: usize,
  pixelsAt: usize,
  rowBytes: usize,
): void {
  frame = at;
  frameWidth = width;
  frameHeight = height;
  blended = blendedAt;
  pixels = pixelsAt;
  pixelRowBytes = rowBytes;
}

export function placeTables(sumsAt: usize, squaresAt: usize, sigmasAt: usize): void {
  sums = sumsAt;
  squares = squaresAt;
  sigmas = sigmasAt;
}

export function placeBits(flatsAt: usize, possiblesAt: usize, suresAt: usize): void {
  flats = flatsAt;
  possibles = possiblesAt;
  sures = suresAt;
}

export function placePatch(at: usize, columns: i32, rows: i32): void {
  patch = at;
  patchColumns = columns;
  patchRows = rows;
}

/** How the tables of the level are laid out that is built next. */
export function layOut(tableStride: i32, tablePlane: i32): void {
  stride = tableStride;
  plane = tablePlane;
}
