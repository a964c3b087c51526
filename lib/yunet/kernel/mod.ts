/** The kernel's public interface: the functions that the host calls (../kernel_module.ts). */
import { beginFrame, computeFirstRow } from "./first_layer";
import { firstHeight } from "./memory";
import { pushRow, pushSum, unitAt } from "./units";

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

/** Runs unit `to` and those behind it for the sum of unit `fine` and of unit `coarse`, doubled. */
export function runNeck(fine: i32, coarse: i32, to: i32): void {
  pushSum(unitAt(fine), unitAt(coarse), unitAt(to));
}

/**
 * `a * b + c` as the kernel computes it. A processor that rounds only the sum gives another result than one that rounds
 * the product too.
 */
export function multiplyAdd(a: f32, b: f32, c: f32): f32 {
  return f32x4.extract_lane(f32x4.relaxed_madd(f32x4.splat(a), f32x4.splat(b), f32x4.splat(c)), 0);
}
