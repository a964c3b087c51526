/** Video's range of brightness, 16..235, stretched to 0..255 in place, as ffmpeg's `-pix_fmt gray` does it. */
import { frame, frameHeight, frameWidth } from "./memory";

const BLACK: u8 = 16;
const WHITE_LESS_BLACK: u8 = 219;
/** What is added to x to make it round(x * 255 / 219), in 32768ths: any of 5386 to 5388 is right for all 0..219. */
const STRETCH: i16 = 5387;

// @ts-ignore: decorator
@inline
function stretched(v: v128): v128 {
  return i16x8.add(v, i16x8.q15mulr_sat_s(v, i16x8.splat(STRETCH)));
}

/** Stretches the whole frame; the bytes behind it, up to 15, are written over. */
export function stretchFrame(): void {
  const end = frame + <usize>(frameWidth * frameHeight);
  for (let at = frame; at < end; at += 16) {
    const v = i8x16.min_u(i8x16.sub_sat_u(v128.load(at), i8x16.splat(BLACK)), i8x16.splat(WHITE_LESS_BLACK));
    const low = stretched(i16x8.extend_low_i8x16_u(v));
    const high = stretched(i16x8.extend_high_i8x16_u(v));
    v128.store(at, i8x16.narrow_i16x8_u(low, high));
  }
}
