/** Scales a picture down. */
import type { Picture } from "./crop.ts";
import type { Size } from "./frame.ts";

/**
 * A smaller copy of a picture. Each pixel is the average of the area that it covers; pixels at the edges of the area are
 * weighted by their share inside. `to` must not be larger than the picture.
 */
export function scaleDown({ width, height, rgb }: Picture, to: Size): Picture {
  const narrow = average({ from: rgb, length: width, to: to.width, lines: height, step: 3, line: width * 3 });
  const small = average({
    from: narrow,
    length: height,
    to: to.height,
    lines: to.width,
    step: to.width * 3,
    line: 3,
  });
  return { ...to, rgb: Uint8Array.from(small, Math.round) };
}

/** Pixels along one direction: `step` from a pixel to the next, `line` from a line of pixels to the next. */
interface Lines {
  readonly from: ArrayLike<number>;
  readonly length: number;
  readonly to: number;
  readonly lines: number;
  readonly step: number;
  readonly line: number;
}

/** Averages along one direction. The result has the layout of `from`: pixels in rows, or in columns. */
function average({ from, length, to, lines, step, line }: Lines): Float32Array {
  const result = new Float32Array(lines * to * 3);
  const inRows = step === 3;
  const share = length / to;
  for (let pixel = 0; pixel < to; pixel++) {
    const begin = pixel * share;
    const end = Math.min(length, begin + share);
    for (let index = Math.floor(begin); index < end; index++) {
      const weight = (Math.min(end, index + 1) - Math.max(begin, index)) / share;
      for (let at = 0; at < lines; at++) {
        const source = at * line + index * step;
        const target = inRows ? (at * to + pixel) * 3 : (pixel * lines + at) * 3;
        for (let colour = 0; colour < 3; colour++) result[target + colour] += from[source + colour] * weight;
      }
    }
  }
  return result;
}
