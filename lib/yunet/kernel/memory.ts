/** Addresses and sizes of the kernel's tables and rows. The host sets them (../plan.ts); README.md draws the memory. */

/** The units of the network, UNIT_BYTES each. */
export let units: usize = 0;
/** A ring row of zeros, as wide and deep as the largest. */
export let zeroRow: usize = 0;
/** A ring row of 1x1 sums of the coarser plane, where two planes are added. */
export let neckRow: usize = 0;
/** The planes of the frame, SOURCE_BYTES each. */
export let sources: usize = 0;
export let sourceCount: i32 = 0;
/** The taps of the first layer, TAP_BYTES each. */
export let taps: usize = 0;
export let tapCount: i32 = 0;
/** Weights of the first layer. */
export let firstWeights: usize = 0;
/** One row of the first layer's output. */
export let firstRow: usize = 0;
/** Its width, half of the frame's. */
export let firstWidth: i32 = 0;
/** Its number of rows. */
export let firstHeight: i32 = 0;

export function setNetwork(unitsAt: usize, zeroRowAt: usize, neckRowAt: usize): void {
  units = unitsAt;
  zeroRow = zeroRowAt;
  neckRow = neckRowAt;
}

export function setSources(at: usize, count: i32): void {
  sources = at;
  sourceCount = count;
}

export function setTaps(at: usize, count: i32): void {
  taps = at;
  tapCount = count;
}

export function setFirst(weights: usize, row: usize, width: i32, height: i32): void {
  firstWeights = weights;
  firstRow = row;
  firstWidth = width;
  firstHeight = height;
}
