/**
 * The 1x1 convolution of a unit with many inputs. ReLU has made many inputs zero, and a zero adds nothing: so the inputs
 * that are not zero in one of two neighbouring pixels are listed, and only their weights are loaded. 16 outputs of the
 * two pixels are summed at a time, in eight registers.
 *
 *     inputs of pixel 0        0.3  0    0    1.2 | 0    0.7  0    0   | ...
 *     inputs of pixel 1        0.1  0    0    0   | 0    0.9  0    2.5 | ...
 *     one is not zero          1    0    0    1   | 0    1    0    1   | ...
 *     listed, pixel 0          0.3  1.2  0.7  0   ...
 *     listed, pixel 1          0.1  0    0.9  2.5 ...
 *     offsets of weights       0    192  320  448 ...    64 bytes for each input
 *
 * Four inputs are listed at a time, by tables with a row for each of 16 combinations.
 */
import { QUAD_BYTES, RING_EXTRA, ROW_EXTRA } from "../layout";

/** Outputs that are summed at a time. */
const BLOCK = 16;
/** Bytes of an input's weights in a block. */
const WEIGHTS_BYTES = 4 * BLOCK;
/** Inputs that the lists have room for; four are written at a time. */
const MAX_INPUTS = 64;
const LIST_BYTES = 4 * (MAX_INPUTS + 4);

/** Three lists: values of pixel 0, values of pixel 1, offsets of weights. */
const list = memory.data(3 * LIST_BYTES, 16);

/** For each combination of four inputs: swizzle indices that move the listed ones to the front. */
const toFront = memory.data(16 * 16, 16);
/** The same for the offsets of their weights. */
const frontOffsets = memory.data(16 * 16, 16);

/** Writes the two tables. */
export function prepareLists(): void {
  for (let bits = 0; bits < 16; bits++) {
    let to: usize = 0;
    for (let input = 0; input < 4; input++) {
      if (!(bits >> input & 1)) continue;
      store<u32>(toFront + <usize> bits * 16 + to, 0x03020100 + input * 0x04040404);
      store<u32>(frontOffsets + <usize> bits * 16 + to, input * WEIGHTS_BYTES);
      to += 4;
    }
  }
}

/** Writes the outputs of the row at `from` to the ring row at `to`. */
export function sparsePointwiseRow(
  from: usize,
  width: i32,
  inputs: i32,
  outputs: i32,
  weights: usize,
  to: usize,
): void {
  sumRow(from, width, inputs, outputs, weights, to, weights, 0, QUAD_BYTES, blockBytesOf(inputs));
}

/**
 * The same, where each sum starts with that of a row of half the width at `half`, a ring row, instead of with the bias:
 * two neighbouring pixels start with the same sum.
 */
export function sparsePointwiseRowOnto(
  half: usize,
  from: usize,
  width: i32,
  inputs: i32,
  outputs: i32,
  weights: usize,
  to: usize,
): void {
  const groupBytes = <usize> ((width >> 1) + RING_EXTRA) * QUAD_BYTES;
  const start = half + QUAD_BYTES;
  sumRow(from, width, inputs, outputs, weights, to, start, QUAD_BYTES, groupBytes, BLOCK / 4 * groupBytes);
}

// @inline
function blockBytesOf(inputs: i32): usize {
  return <usize> (inputs + 1) * WEIGHTS_BYTES;
}

/**
 * Sums of two pixels start at `start`, those of the next two `startPixelBytes` further. Four outputs lie `startGroupBytes`
 * behind the four before, a block `startBlockBytes` behind the one before.
 */
// @inline
function sumRow(
  from: usize,
  width: i32,
  inputs: i32,
  outputs: i32,
  weights: usize,
  to: usize,
  start: usize,
  startPixelBytes: usize,
  startGroupBytes: usize,
  startBlockBytes: usize,
): void {
  const groupBytes = <usize> (width + ROW_EXTRA) * QUAD_BYTES;
  const ringGroupBytes = <usize> (width + RING_EXTRA) * QUAD_BYTES;
  const blockBytes = blockBytesOf(inputs);
  const weightsEnd = weights + blockBytes * <usize> (outputs / BLOCK);
  // The pixel on the left is zero.
  to += QUAD_BYTES;
  const end = to + <usize> width * QUAD_BYTES;
  for (; to < end; to += 2 * QUAD_BYTES, from += 2 * QUAD_BYTES) {
    const listEnd = listInputs(from, groupBytes, inputs);
    let first = to;
    let firstStart = start;
    for (let block = weights; block < weightsEnd; block += blockBytes) {
      sumBlock(listEnd, block, firstStart, startGroupBytes, first, ringGroupBytes);
      first += <usize> (BLOCK / 4) * ringGroupBytes;
      firstStart += startBlockBytes;
    }
    start += startPixelBytes;
  }
  let right = end;
  for (let channel = 0; channel < outputs; channel += 4, right += ringGroupBytes) {
    v128.store(right, f32x4.splat(0));
  }
}

/** Lists the inputs of the pixel at `pixel` and its right neighbour. Returns the end of the first list. */
// @inline
function listInputs(pixel: usize, groupBytes: usize, inputs: i32): usize {
  let end = list;
  const lastOffset = inputs * WEIGHTS_BYTES;
  for (let offset = 0; offset < lastOffset; offset += 4 * WEIGHTS_BYTES) {
    const left = v128.load(pixel);
    const right = v128.load(pixel, QUAD_BYTES);
    pixel += groupBytes;
    const bits = i32x4.bitmask(f32x4.ne(v128.or(left, right), f32x4.splat(0)));
    const row = <usize> bits << 4;
    const front = v128.load(toFront + row);
    v128.store(end, i8x16.swizzle(left, front));
    v128.store(end, i8x16.swizzle(right, front), LIST_BYTES);
    v128.store(end, i32x4.add(v128.load(frontOffsets + row), i32x4.splat(offset)), 2 * LIST_BYTES);
    end += <usize> popcnt(bits) << 2;
  }
  // The sums take four entries at a time.
  const zero = f32x4.splat(0);
  v128.store(end, zero);
  v128.store(end, zero, LIST_BYTES);
  v128.store(end, zero, 2 * LIST_BYTES);
  return end;
}

/**
 * Sums 16 outputs of two pixels, four entries of the lists at a time. The first four outputs go to `to`, each further four
 * `groupBytes` behind the four before.
 */
// @inline
function sumBlock(
  listEnd: usize,
  weights: usize,
  start: usize,
  startGroupBytes: usize,
  to: usize,
  groupBytes: usize,
): void {
  // Only the checks of these loads are of use: with them, V8 computes the limits of the loop's addresses before the loop.
  v128.load(weights, 64);
  v128.load(weights, 80);
  v128.load(weights, 96);
  v128.load(weights, 112);
  let a0 = v128.load(start), a1 = v128.load(start + startGroupBytes);
  let a2 = v128.load(start + 2 * startGroupBytes), a3 = v128.load(start + 3 * startGroupBytes);
  let b0 = a0, b1 = a1, b2 = a2, b3 = a3;
  for (let entry = list; entry < listEnd; entry += 16) {
    const lefts = v128.load(entry), rights = v128.load(entry, LIST_BYTES);
    // @unroll
    for (let lane = 0; lane < 4; lane++) {
      const left = v128.shuffle<f32>(lefts, lefts, lane, lane, lane, lane);
      const right = v128.shuffle<f32>(rights, rights, lane, lane, lane, lane);
      const weight = weights + <usize> load<u32>(entry, 2 * LIST_BYTES + 4 * lane);
      let four = v128.load(weight, 64);
      a0 = f32x4.relaxed_madd(left, four, a0);
      b0 = f32x4.relaxed_madd(right, four, b0);
      four = v128.load(weight, 80);
      a1 = f32x4.relaxed_madd(left, four, a1);
      b1 = f32x4.relaxed_madd(right, four, b1);
      four = v128.load(weight, 96);
      a2 = f32x4.relaxed_madd(left, four, a2);
      b2 = f32x4.relaxed_madd(right, four, b2);
      four = v128.load(weight, 112);
      a3 = f32x4.relaxed_madd(left, four, a3);
      b3 = f32x4.relaxed_madd(right, four, b3);
    }
  }
  v128.store(to, a0);
  v128.store(to, b0, 16);
  to += groupBytes;
  v128.store(to, a1);
  v128.store(to, b1, 16);
  to += groupBytes;
  v128.store(to, a2);
  v128.store(to, b2, 16);
  to += groupBytes;
  v128.store(to, a3);
  v128.store(to, b3, 16);
}
