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
  // Not Uint8Array.from(), which takes most of the time: it calls an iterator for each sample.
  const rounded = new Uint8Array(small.length);
  for (let at = 0; at < rounded.length; at++) rounded[at] = Math.round(small[at]);
  return { ...to, rgb: rounded };
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
function average(lines: Lines): Float32Array {
  const result = new Float32Array(lines.lines * lines.to * 3);
  // The memory is walked through in its order either way, which is several times as fast.
  if (lines.step === 3) averageRows(lines, result);
  else averageColumns(lines, result);
  return result;
}

function averageRows({ from, length, to, lines, line }: Lines, result: Float32Array): void {
  const share = length / to;
  let target = 0;
  for (let at = 0; at < lines; at++) {
    for (let pixel = 0; pixel < to; pixel++, target += 3) {
      const begin = pixel * share;
      const end = Math.min(length, begin + share);
      for (let index = Math.floor(begin); index < end; index++) {
        const weight = (Math.min(end, index + 1) - Math.max(begin, index)) / share;
        const source = at * line + index * 3;
        result[target] += from[source] * weight;
        result[target + 1] += from[source + 1] * weight;
        result[target + 2] += from[source + 2] * weight;
      }
    }
  }
}

function averageColumns({ from, length, to, lines, step }: Lines, result: Float32Array): void {
  const share = length / to;
  const samples = lines * 3;
  for (let pixel = 0; pixel < to; pixel++) {
    const begin = pixel * share;
    const end = Math.min(length, begin + share);
    for (let index = Math.floor(begin); index < end; index++) {
      const weight = (Math.min(end, index + 1) - Math.max(begin, index)) / share;
      const [source, target] = [index * step, pixel * samples];
      for (let at = 0; at < samples; at++) result[target + at] += from[source + at] * weight;
    }
  }
}
