/** Step 0, for video only: stretches the limited range 16..235 to 0..255 in place, as ffmpeg's `-pix_fmt gray` does. */
import { frame, frameHeight, frameWidth } from "./memory";

const BLACK: u8 = 16;
const WHITE_MINUS_BLACK: u8 = 219;
/**
 * x + round(x * STRETCH / 32768) = round(x * 255 / 219) for all x in 0..219. 5386 and 5388 give the same results.
 */
const STRETCH: i16 = 5387;

// @inline
function stretched(v: v128): v128 {
  return i16x8.add(v, i16x8.q15mulr_sat_s(v, i16x8.splat(STRETCH)));
}

/** Stretches the whole frame. Overwrites up to 15 bytes behind it. */
export function stretchFrame(): void {
  const end = frame + <usize> (frameWidth * frameHeight);
  for (let at = frame; at < end; at += 16) {
    const above = i8x16.sub_sat_u(v128.load(at), i8x16.splat(BLACK));
    const v = i8x16.min_u(above, i8x16.splat(WHITE_MINUS_BLACK));
    const low = stretched(i16x8.extend_low_i8x16_u(v));
    const high = stretched(i16x8.extend_high_i8x16_u(v));
    v128.store(at, i8x16.narrow_i16x8_u(low, high));
  }
}
