/**
 * The first layer: a 3x3 convolution of the frame with stride 2 and ReLU. Its taps are a table, as they depend on the
 * frame's planes (../first_layer.ts).
 */
import {
  QUAD_BYTES,
  ROW_EXTRA,
  SOURCE_BYTES,
  SOURCE_IS_HALF,
  TAP_AT,
  TAP_BYTES,
  TAP_ROW,
  TAP_ROW_STEP,
  TAP_SLOT_BYTES,
} from "../layout";
import { firstRow, firstWeights, firstWidth, sourceCount, sources, tapCount, taps } from "./memory";
import { clearSource, convertRow } from "./source";

/** Bytes of the weights of one tap, and of the biases. */
const WEIGHTS_BYTES = 32;
/** Maximum number of taps: those of three planes of full size. */
const MAX_TAPS = 27;

/** Weights of eight outputs, at a constant address as in pointwise.ts. */
const block = memory.data((MAX_TAPS + 1) * WEIGHTS_BYTES, 16);
/** For each tap its address in the row that is computed, u32. */
const tapAddresses = memory.data(MAX_TAPS * 4, 16);

/** Prepares for the rows of a frame. */
export function beginFrame(): void {
  for (let nth = 0; nth < sourceCount; nth++) clearSource(sources + <usize> nth * SOURCE_BYTES);
}

/** Computes row `y` and returns its address. */
export function computeFirstRow(y: i32): usize {
  for (let nth = 0; nth < sourceCount; nth++) {
    const source = sources + <usize> nth * SOURCE_BYTES;
    if (load<i32>(source, SOURCE_IS_HALF)) {
      convertRow(source, y);
    } else {
      convertRow(source, 2 * y);
      convertRow(source, 2 * y + 1);
    }
  }
  for (let nth = 0; nth < tapCount; nth++) {
    const tap = taps + <usize> nth * TAP_BYTES;
    const slot = (load<i32>(tap, TAP_ROW_STEP) * y + load<i32>(tap, TAP_ROW) + 3) % 3;
    store<u32>(
      tapAddresses + (<usize> nth << 2),
      load<u32>(tap, TAP_AT) + <u32> slot * load<u32>(tap, TAP_SLOT_BYTES),
    );
  }
  const blockBytes = <usize> (tapCount + 1) * WEIGHTS_BYTES;
  const groupBytes = <usize> (firstWidth + ROW_EXTRA) * QUAD_BYTES;
  memory.copy(block, firstWeights, blockBytes);
  convolveRow(firstRow, groupBytes);
  memory.copy(block, firstWeights + blockBytes, blockBytes);
  convolveRow(firstRow + 2 * groupBytes, groupBytes);
  return firstRow;
}

/** Eight outputs of a row by the weights in `block`: four at `to`, four `groupBytes` behind it. */
function convolveRow(to: usize, groupBytes: usize): void {
  const zero = f32x4.splat(0);
  const end = to + <usize> firstWidth * QUAD_BYTES;
  for (let column: usize = 0; to < end; column += 16) {
    let a0 = v128.load(block), b0 = v128.load(block, 16);
    let a1 = a0, a2 = a0, a3 = a0, b1 = b0, b2 = b0, b3 = b0;
    // @unroll
    for (let tap = 0; tap < 27; tap++) {
      if (tap == tapCount) break;
      const four = v128.load(load<u32>(tapAddresses, 4 * tap) + column);
      const low = v128.load(block, (tap + 1) * WEIGHTS_BYTES);
      const high = v128.load(block, (tap + 1) * WEIGHTS_BYTES + 16);
      let value = v128.shuffle<f32>(four, four, 0, 0, 0, 0);
      a0 = f32x4.relaxed_madd(value, low, a0);
      b0 = f32x4.relaxed_madd(value, high, b0);
      value = v128.shuffle<f32>(four, four, 1, 1, 1, 1);
      a1 = f32x4.relaxed_madd(value, low, a1);
      b1 = f32x4.relaxed_madd(value, high, b1);
      value = v128.shuffle<f32>(four, four, 2, 2, 2, 2);
      a2 = f32x4.relaxed_madd(value, low, a2);
      b2 = f32x4.relaxed_madd(value, high, b2);
      value = v128.shuffle<f32>(four, four, 3, 3, 3, 3);
      a3 = f32x4.relaxed_madd(value, low, a3);
      b3 = f32x4.relaxed_madd(value, high, b3);
    }
    v128.store(to, f32x4.pmax(zero, a0));
    v128.store(to, f32x4.pmax(zero, a1), 16);
    v128.store(to, f32x4.pmax(zero, a2), 32);
    v128.store(to, f32x4.pmax(zero, a3), 48);
    const second = to + groupBytes;
    v128.store(second, f32x4.pmax(zero, b0));
    v128.store(second, f32x4.pmax(zero, b1), 16);
    v128.store(second, f32x4.pmax(zero, b2), 32);
    v128.store(second, f32x4.pmax(zero, b3), 48);
    to += 4 * QUAD_BYTES;
  }
}
