/**
 * The 1x1 convolution of a unit with many inputs. ReLU has made about four of ten inputs zero, and a zero adds nothing:
 * so the other inputs of a pixel are listed, and only their weights are loaded. 32 outputs of one pixel are summed at a
 * time, in eight registers.
 *
 *     inputs of the pixel     0.3  0    0    1.2 | 0    0.7  0    0   | ...
 *     different from zero     1    0    0    1   | 0    1    0    0   | ...
 *     listed values           0.3  1.2  0.7  ...
 *     offsets of weights      0    384  640  ...     128 bytes for each input
 *
 * Four inputs are listed at a time, by a table with a row for each of 16 combinations.
 */
import { QUAD_BYTES, RING_EXTRA, ROW_EXTRA } from "../layout";

/** Outputs that are summed at a time. */
const BLOCK = 32;
/** Bytes of an input's weights in a block. */
const WEIGHTS_BYTES = 4 * BLOCK;
const MAX_INPUTS = 64;

/** Listed values, then at OFFSETS_AT the offsets of their weights. Four are written at a time. */
const list = memory.data(2 * 4 * (MAX_INPUTS + 4), 16);
const OFFSETS_AT = 4 * (MAX_INPUTS + 4);

/** For each combination of four inputs: swizzle indices that move those that are not zero to the front. */
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
  const ringGroupBytes = <usize> (width + RING_EXTRA) * QUAD_BYTES;
  const blockBytes = <usize> (inputs + 1) * WEIGHTS_BYTES;
  const end = weights + blockBytes * <usize> (outputs / BLOCK);
  for (let x = 0; x < width; x++) {
    const listEnd = listInputs(from, <usize> (width + ROW_EXTRA) * QUAD_BYTES, inputs);
    from += QUAD_BYTES;
    // The pixel on the left is zero.
    to += QUAD_BYTES;
    let first = to;
    for (let block = weights; block < end; block += blockBytes) {
      sumBlock(listEnd, block, first, ringGroupBytes);
      first += <usize> (BLOCK / 4) * ringGroupBytes;
    }
  }
  to += QUAD_BYTES;
  for (let channel = 0; channel < outputs; channel += 4, to += ringGroupBytes) v128.store(to, f32x4.splat(0));
}

/** Lists the inputs of the pixel at `pixel` and returns the end of the list's values. */
// @inline
function listInputs(pixel: usize, groupBytes: usize, inputs: i32): usize {
  let end = list;
  const lastOffset = inputs * WEIGHTS_BYTES;
  for (let offset = 0; offset < lastOffset; offset += 4 * WEIGHTS_BYTES) {
    const values = v128.load(pixel);
    pixel += groupBytes;
    const bits = i32x4.bitmask(f32x4.ne(values, f32x4.splat(0)));
    const row = <usize> bits << 4;
    v128.store(end, i8x16.swizzle(values, v128.load(toFront + row)));
    v128.store(end, i32x4.add(v128.load(frontOffsets + row), i32x4.splat(offset)), OFFSETS_AT);
    end += <usize> popcnt(bits) << 2;
  }
  return end;
}

/** Sums 32 outputs: four at `to`, each four others `groupBytes` further. */
// @inline
function sumBlock(listEnd: usize, weights: usize, to: usize, groupBytes: usize): void {
  let s0 = v128.load(weights), s1 = v128.load(weights, 16);
  let s2 = v128.load(weights, 32), s3 = v128.load(weights, 48);
  let s4 = v128.load(weights, 64), s5 = v128.load(weights, 80);
  let s6 = v128.load(weights, 96), s7 = v128.load(weights, 112);
  for (let entry = list; entry < listEnd; entry += 4) {
    const value = v128.load32_splat(entry);
    const weight = weights + <usize> load<u32>(entry, OFFSETS_AT);
    s0 = f32x4.add(s0, f32x4.mul(value, v128.load(weight, 128)));
    s1 = f32x4.add(s1, f32x4.mul(value, v128.load(weight, 144)));
    s2 = f32x4.add(s2, f32x4.mul(value, v128.load(weight, 160)));
    s3 = f32x4.add(s3, f32x4.mul(value, v128.load(weight, 176)));
    s4 = f32x4.add(s4, f32x4.mul(value, v128.load(weight, 192)));
    s5 = f32x4.add(s5, f32x4.mul(value, v128.load(weight, 208)));
    s6 = f32x4.add(s6, f32x4.mul(value, v128.load(weight, 224)));
    s7 = f32x4.add(s7, f32x4.mul(value, v128.load(weight, 240)));
  }
  v128.store(to, s0);
  v128.store(to += groupBytes, s1);
  v128.store(to += groupBytes, s2);
  v128.store(to += groupBytes, s3);
  v128.store(to += groupBytes, s4);
  v128.store(to += groupBytes, s5);
  v128.store(to += groupBytes, s6);
  v128.store(to += groupBytes, s7);
}
