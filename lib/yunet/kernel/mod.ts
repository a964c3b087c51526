/** The kernel's public interface: the functions that the host calls (../kernel_module.ts). */
import { UNIT_HEIGHT, UNIT_OUTPUTS, UNIT_WIDTH } from "../layout";
import { beginFrame, computeFirstRow } from "./first_layer";
import { firstHeight } from "./memory";
import { addDoubled } from "./pool";
import { planeRow, pushRow, unitAt } from "./units";

export { halveRows } from "./halve";
export { prepareLists } from "./sparse_pointwise";
export { setFirst, setNetwork, setSources, setTaps } from "./memory";

/** The first free byte of the memory. */
export const firstFree: usize = __heap_base;

/** Runs the network from the frame to the coarsest head, as far as units push their rows to others. */
export function runBackbone(): void {
  beginFrame();
  for (let y = 0; y < firstHeight; y++) pushRow(unitAt(0), computeFirstRow(y));
}

/** Adds the plane of unit `coarse`, doubled, to that of unit `fine`, and pushes its rows to unit `to`. */
export function runNeck(fine: i32, coarse: i32, to: i32): void {
  const unit = unitAt(fine);
  const width = load<i32>(unit, UNIT_WIDTH);
  const channels = load<i32>(unit, UNIT_OUTPUTS);
  for (let y = 0; y < load<i32>(unit, UNIT_HEIGHT); y++) {
    const row = planeRow(unit, y);
    addDoubled(row, planeRow(unitAt(coarse), y >> 1), width, channels);
    pushRow(unitAt(to), row);
  }
}

/**
 * `a * b + c` as the kernel computes it. A processor that rounds only the sum gives another result than one that rounds
 * the product too.
 */
export function multiplyAdd(a: f32, b: f32, c: f32): f32 {
  return f32x4.extract_lane(f32x4.relaxed_madd(f32x4.splat(a), f32x4.splat(b), f32x4.splat(c)), 0);
}
