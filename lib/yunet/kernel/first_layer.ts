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
import {
  firstRow,
  firstWeights,
  firstWidth,
  sourceCount,
  sources,
  tapAddresses,
  tapCount,
  taps,
} from "./memory";
import { clearSource, convertRow } from "./source";

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
  const blockBytes = <usize> (tapCount + 1) << 5;
  const groupBytes = <usize> (firstWidth + ROW_EXTRA) * QUAD_BYTES;
  convolveRow(firstWeights, firstRow, groupBytes);
  convolveRow(firstWeights + blockBytes, firstRow + 2 * groupBytes, groupBytes);
  return firstRow;
}

/** Eight outputs of a row: four at `to`, four `groupBytes` behind it. */
function convolveRow(weights: usize, to: usize, groupBytes: usize): void {
  const zero = f32x4.splat(0);
  const addressesEnd = tapAddresses + (<usize> tapCount << 2);
  const groupEnd = to + <usize> firstWidth * QUAD_BYTES;
  for (let column: usize = 0; to < groupEnd; column += 20) {
    let weight = weights;
    const lowBias = v128.load(weight);
    const highBias = v128.load(weight, 16);
    let a0 = lowBias, a1 = lowBias, a2 = lowBias, a3 = lowBias, a4 = lowBias;
    let b0 = highBias, b1 = highBias, b2 = highBias, b3 = highBias, b4 = highBias;
    for (let address = tapAddresses; address < addressesEnd; address += 4) {
      const from = load<u32>(address) + column;
      const low = v128.load(weight, 32);
      const high = v128.load(weight, 48);
      weight += 32;
      const four = v128.load(from);
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
      value = v128.load32_splat(from, 16);
      a4 = f32x4.relaxed_madd(value, low, a4);
      b4 = f32x4.relaxed_madd(value, high, b4);
    }
    const second = to + groupBytes;
    v128.store(second, f32x4.pmax(zero, b0));
    v128.store(second, f32x4.pmax(zero, b1), 16);
    v128.store(second, f32x4.pmax(zero, b2), 32);
    v128.store(second, f32x4.pmax(zero, b3), 48);
    v128.store(second, f32x4.pmax(zero, b4), 64);
    v128.store(to, f32x4.pmax(zero, a0));
    v128.store(to, f32x4.pmax(zero, a1), 16);
    v128.store(to, f32x4.pmax(zero, a2), 32);
    v128.store(to, f32x4.pmax(zero, a3), 48);
    v128.store(to, f32x4.pmax(zero, a4), 64);
    to += 80;
  }
}
