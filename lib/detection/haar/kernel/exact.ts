/**
 * One window judged exactly as OpenCV does it (HaarEvaluator and predictOrderedStump in cascadedetect.cpp): feature
 * values are whole numbers, the product with the normalisation is rounded once to f32, leaves are added in f64.
 */
import { squares, sums } from "./memory";

/** Bytes of a stump: 3 x 4 corner offsets in bytes, 3 weights (i32), threshold, below, not below (f32). */
const STUMP_BYTES: usize = 72;

/** `corners`: 4 byte offsets of the corners of the part of a window whose variance counts, then its area (i32). */
// @ts-ignore: decorator
@inline
function normalisation(window: usize, corners: usize): f32 {
  const at = sums + (window << 2);
  const sum = <f64>rectangle(at, corners);
  const square = <f64><u32>rectangle(squares + (window << 2), corners);
  const area = <f64>load<i32>(corners, 16);
  return <f32>(1.0 / Math.sqrt(area * square - sum * sum));
}

// @ts-ignore: decorator
@inline
function rectangle(at: usize, offsets: usize): i32 {
  return load<i32>(at + <usize>load<i32>(offsets)) - load<i32>(at + <usize>load<i32>(offsets, 4)) -
    load<i32>(at + <usize>load<i32>(offsets, 8)) + load<i32>(at + <usize>load<i32>(offsets, 12));
}

/** What the stumps of a stage add up to. `stage`: how many stumps (i32), the stage's threshold (f32), the stumps. */
// @ts-ignore: decorator
@inline
function total(at: usize, factor: f32, stage: usize): f64 {
  const end = stage + 8 + <usize>load<i32>(stage) * STUMP_BYTES;
  let total: f64 = 0;
  for (let stump = stage + 8; stump < end; stump += STUMP_BYTES) {
    let value = rectangle(at, stump) * load<i32>(stump, 48) + rectangle(at, stump + 16) * load<i32>(stump, 52);
    const third = load<i32>(stump, 56);
    if (third != 0) value += rectangle(at, stump + 32) * third;
    const below = <f32>value * factor < load<f32>(stump, 60);
    total += <f64>(below ? load<f32>(stump, 64) : load<f32>(stump, 68));
  }
  return total;
}

/** What a stage's stumps add up to for a window. */
export function stageSum(window: usize, corners: usize, stage: usize): f64 {
  return total(sums + (window << 2), normalisation(window, corners), stage);
}

/** Whether a window passes one stage, by its table. */
// @ts-ignore: decorator
@inline
export function passesStage(window: usize, corners: usize, stage: usize): bool {
  return stageSum(window, corners, stage) >= <f64>load<f32>(stage, 4);
}
