/** Halves a plane between two units. */
import { QUAD_BYTES, ROW_EXTRA } from "../layout";

/** Writes the maximum of each 2x2 pixels of two rows to `to`. `width` is even. */
export function poolRows(upper: usize, lower: usize, width: i32, channels: i32, to: usize): void {
  for (let channel = 0; channel < channels; channel += 4) {
    for (let x = 0; x < width; x += 2) {
      const left = f32x4.pmax(v128.load(upper), v128.load(lower));
      const right = f32x4.pmax(v128.load(upper, 16), v128.load(lower, 16));
      v128.store(to, f32x4.pmax(left, right));
      upper += 2 * QUAD_BYTES;
      lower += 2 * QUAD_BYTES;
      to += QUAD_BYTES;
    }
    upper += ROW_EXTRA * QUAD_BYTES;
    lower += ROW_EXTRA * QUAD_BYTES;
    to += ROW_EXTRA * QUAD_BYTES;
  }
}
