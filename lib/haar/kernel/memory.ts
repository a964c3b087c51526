/**
 * Addresses and dimensions of everything in the kernel's memory. The host chooses them (../compile/search_plan.ts) and
 * sets them here. README.md draws the tables; their constants are in ../compile/layout.ts.
 */
import { INTEGRAL_BYTES, SIGMA_BYTES, SQUARES_BYTES } from "../compile/layout";

/** The gray frame: `frameWidth * frameHeight` bytes. */
export let frame: usize = 0;
export let frameWidth: i32 = 0;
export let frameHeight: i32 = 0;
/** One row of the frame, blended with the next row; u16 less 32768. */
export let blended: usize = 0;
/** Two rows of the level, u8: one for even rows, one for odd rows. */
export let pixelRows: usize = 0;
/** Distance between the two pixel rows, in bytes. */
export let pixelRowBytes: usize = 0;
/** Integral image: sums modulo 2^16, exact for rectangles of up to 257 pixels. */
export let integral: usize = 0;
/** Integral image of the squared pixels. */
export let squares: usize = 0;
/** Standard deviation times area of each window. */
export let sigmas: usize = 0;
/** Bitmap of the windows that are not flat. */
export let notFlat: usize = 0;
/** Bitmap of the windows that the first stage may accept. */
export let maybePassed: usize = 0;
/** Bitmap of the windows that the first stage accepts in any case. */
export let surelyPassed: usize = 0;
/** The corners of eight windows: `patchRows` rows of `patchColumns` corners. */
export let patch: usize = 0;
export let patchColumns: i32 = 0;
export let patchRows: i32 = 0;

/** Elements from one row of the tables to the next. */
export let stride: i32 = 0;
/** Elements from a row's even columns to its odd columns; 0: columns are in order. */
export let oddColumns: i32 = 0;

export function setFrame(
  at: usize,
  width: i32,
  height: i32,
  blendedAt: usize,
  pixelRowsAt: usize,
  rowBytes: usize,
): void {
  frame = at;
  frameWidth = width;
  frameHeight = height;
  blended = blendedAt;
  pixelRows = pixelRowsAt;
  pixelRowBytes = rowBytes;
}

export function setTables(integralAt: usize, squaresAt: usize, sigmasAt: usize): void {
  integral = integralAt;
  squares = squaresAt;
  sigmas = sigmasAt;
}

export function setBitmaps(notFlatAt: usize, maybePassedAt: usize, surelyPassedAt: usize): void {
  notFlat = notFlatAt;
  maybePassed = maybePassedAt;
  surelyPassed = surelyPassedAt;
}

export function setPatch(at: usize, columns: i32, rows: i32): void {
  patch = at;
  patchColumns = columns;
  patchRows = rows;
}

/** Sets how the tables of the next level are laid out. */
export function setLayout(tableStride: i32, tableOddColumns: i32): void {
  stride = tableStride;
  oddColumns = tableOddColumns;
}

/** Address of an element of the integral image. */
// @inline
export function integralAt(index: usize): usize {
  return integral + index * INTEGRAL_BYTES;
}

/** Address of an element of the table of squares. */
// @inline
export function squaresAt(index: usize): usize {
  return squares + index * SQUARES_BYTES;
}

/** Address of the sigma of a window. */
// @inline
export function sigmaAt(window: usize): usize {
  return sigmas + window * SIGMA_BYTES;
}
