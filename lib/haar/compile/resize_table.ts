/** The weights of OpenCV's INTER_LINEAR_EXACT (resize.cpp, interpolationLinear), in 256ths. */
import { roundHalfEven } from "../opencv/rounding.ts";
import type { TableWriter } from "./table_writer.ts";

/** A pixel of the smaller row lies between pixel `from` of the larger and the next one, which counts `next` 256ths. */
interface Blend {
  readonly from: number;
  readonly next: number;
}

function blendsOf(large: number, small: number): Blend[] {
  const scale = 1 / (small / large);
  return Array.from({ length: small }, (_, index) => {
    const at = scale * (index + 0.5) - 0.5;
    const from = Math.floor(at);
    if (from < 0) return { from: 0, next: 0 };
    if (from >= large - 1) return { from: large - 1, next: 0 };
    return { from, next: roundHalfEven((at - from) * 256) };
  });
}

const PIXEL_BYTES = 2;
/** Pairs of four columns lie near one another when the first pixels are so far apart at most: within one SIMD load. */
const NEAR_PIXELS = 6;

/** Writes kernel/resize.ts' table of columns; returns whether the pairs of all fours lie near one another. */
export function writeAcross(table: TableWriter, large: number, small: number): boolean {
  const blends = blendsOf(large, small);
  // The last of a row are filled up with themselves, so that they are near, too.
  while (blends.length % 8 !== 0) blends.push(blends[blends.length - 1]);
  const fours = Array.from(
    { length: blends.length / 4 },
    (_, index) => blends.slice(4 * index, 4 * index + 4),
  );
  const near = fours.every((four) => four[3].from - four[0].from <= NEAR_PIXELS);
  for (const four of fours) {
    if (near) {
      table.int32(four[0].from * PIXEL_BYTES);
      for (let unused = 0; unused < 3; unused++) table.int32(0);
      for (const { from } of four) {
        const first = (from - four[0].from) * PIXEL_BYTES;
        table.int16(first | (first + 1) << 8);
        table.int16((first + 2) | (first + 3) << 8);
      }
    } else {
      for (const { from } of four) table.int32(from * PIXEL_BYTES);
      for (let unused = 0; unused < 4; unused++) table.int32(0);
    }
    for (const { next } of four) {
      table.int16(256 - next);
      table.int16(next);
    }
  }
  return near;
}

/** Writes its table of rows: the upper row and the weight of the lower one. */
export function writeDown(table: TableWriter, large: number, small: number): void {
  for (const { from, next } of blendsOf(large, small)) {
    table.int32(from);
    table.int32(next);
  }
}
