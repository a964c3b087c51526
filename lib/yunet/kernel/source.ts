/**
 * Rows of the frame as f32. Three rows of each plane are kept, in slots: row y in slot y modulo 3. Black is 0, and so
 * is everything outside the frame. A plane of full size is split, since the first layer reads every second column:
 *
 *     full size   | margin | columns 1, 3, 5, ...  | columns 0, 2, 4, ...  |
 *     half size   | margin | columns 0, 1, 2, ...                          |
 */
import {
  MARGIN_BYTES,
  ROW_SLACK_BYTES,
  SOURCE_BLACK,
  SOURCE_HEIGHT,
  SOURCE_IS_HALF,
  SOURCE_PIXELS,
  SOURCE_RING,
  SOURCE_STEP,
  SOURCE_WIDTH,
} from "../layout";
import { firstWidth } from "./memory";

/** Bytes of a slot. */
// @inline
function slotBytes(isHalf: bool): usize {
  return MARGIN_BYTES + (<usize> firstWidth << (isHalf ? 2 : 3)) + ROW_SLACK_BYTES;
}

/** Sets all slots of a plane to zero. */
export function clearSource(source: usize): void {
  memory.fill(load<u32>(source, SOURCE_RING), 0, 3 * slotBytes(load<i32>(source, SOURCE_IS_HALF) != 0));
}

/** Converts row `y` of a plane into its slot. */
export function convertRow(source: usize, y: i32): void {
  const isHalf = load<i32>(source, SOURCE_IS_HALF) != 0;
  const bytes = slotBytes(isHalf);
  const to = load<u32>(source, SOURCE_RING) + <usize> (y % 3) * bytes + MARGIN_BYTES;
  const width = load<i32>(source, SOURCE_WIDTH);
  if (y >= load<i32>(source, SOURCE_HEIGHT)) {
    memory.fill(to, 0, bytes - MARGIN_BYTES);
    return;
  }
  const step = load<i32>(source, SOURCE_STEP);
  const from = load<u32>(source, SOURCE_PIXELS) + <usize> (y * width * step);
  const black = load<f32>(source, SOURCE_BLACK);
  if (isHalf) {
    convertHalf(from, to, width, black);
    clear(to, width, firstWidth);
  } else {
    const even = to + (<usize> firstWidth << 2);
    if (step == 1) convertSplit(from, to, even, width, black);
    else convertSteps(from, to, even, width, step, black);
    clear(to, width >> 1, firstWidth);
    clear(even, (width + 1) >> 1, firstWidth + 15);
  }
}

/** Sets the values from `from` to `until` of a row to zero. */
function clear(row: usize, from: i32, until: i32): void {
  memory.fill(row + (<usize> from << 2), 0, <usize> (until - from) << 2);
}

function convertHalf(from: usize, to: usize, width: i32, black: f32): void {
  const blacks = f32x4.splat(black);
  for (let x = 0; x < width; x += 8) {
    const pixels = v128.load8x8_u(from + <usize> x);
    storeEight(to + (<usize> x << 2), pixels, blacks);
  }
}

/** Writes columns 1, 3, 5, ... to `odd` and columns 0, 2, 4, ... to `even`. */
function convertSplit(from: usize, odd: usize, even: usize, width: i32, black: f32): void {
  const blacks = f32x4.splat(black);
  const evenBytes = i16x8.splat(255);
  // From the right: behind the last odd column there is the first even one.
  for (let x = (width - 1) & -16; x >= 0; x -= 16) {
    const pixels = v128.load(from + <usize> x);
    storeEight(odd + (<usize> x << 1), i16x8.shr_u(pixels, 8), blacks);
  }
  for (let x = 0; x < width; x += 16) {
    const pixels = v128.load(from + <usize> x);
    storeEight(even + (<usize> x << 1), v128.and(pixels, evenBytes), blacks);
  }
}

// @inline
function storeEight(to: usize, pixels: v128, blacks: v128): void {
  v128.store(to, f32x4.sub(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_u(pixels)), blacks));
  v128.store(to, f32x4.sub(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_u(pixels)), blacks), 16);
}

/** The same for pixels of several bytes. */
function convertSteps(from: usize, odd: usize, even: usize, width: i32, step: i32, black: f32): void {
  for (let x = 0; x < width; x++) {
    const to = (x & 1 ? odd : even) + (<usize> (x >> 1) << 2);
    store<f32>(to, <f32> load<u8>(from + <usize> (x * step)) - black);
  }
}
