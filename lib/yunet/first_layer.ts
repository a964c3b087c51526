/**
 * The first layer's taps, for the planes that a frame has. The network takes blue, green and red of every pixel. The
 * layer is linear, so the matrix from Y, U, V to blue, green and red is multiplied into its weights, and the taps of a
 * half-size plane that fall on the same value are added. Of 27 taps 17 are left, and 9 for a gray frame:
 *
 *     columns of the frame         2x-1   2x   2x+1         rows likewise
 *     columns of a half-size plane  x-1   x     x
 *
 * Values are those of the video; black is subtracted before (`black`). Nothing is clipped to 0..255, as OpenCV does it
 * when it converts: that differs for values that a camera does not give.
 */
import { LUMA_WEIGHTS } from "../image/crop.ts";
import type { YuvMatrix } from "../image/frame.ts";
import { FIRST_OUTPUTS } from "./network.ts";

/** A plane of the frame. */
export interface Source {
  /** What 0 is: the value of black, or of gray in a chroma plane. */
  readonly black: number;
  /** Half as wide and high as the frame. */
  readonly isHalf: boolean;
  /** Blue, green and red of the value 1. */
  readonly bgr: readonly [number, number, number];
}

/** A tap: a value that an output depends on, relative to the output (x, y). */
export interface Tap {
  /** Index of its source. */
  readonly source: number;
  /** -1, 0 or 1 from column 2x and row 2y of a plane of full size; -1 or 0 from column x and row y of one of half size. */
  readonly column: number;
  readonly row: number;
}

/** A first layer for certain planes. */
export interface FirstLayer {
  readonly sources: readonly Source[];
  readonly taps: readonly Tap[];
  /** For each 8 outputs: their biases, then for each tap their weights. */
  readonly weights: Float32Array<ArrayBuffer>;
}

/** What a frame's pixels are. */
export interface Format {
  /** Interleaved red, green and blue; otherwise a plane of luma, and two of chroma where `matrix` is present. */
  readonly isRgb?: boolean;
  readonly matrix?: YuvMatrix;
  /** Whether black to white is 16..235. */
  readonly limitedRange?: boolean;
}

/** Red, green and blue. */
const RGB: readonly Source[] = [
  { black: 0, isHalf: false, bgr: [0, 0, 1] },
  { black: 0, isHalf: false, bgr: [0, 1, 0] },
  { black: 0, isHalf: false, bgr: [1, 0, 0] },
];

/** The planes of a frame. */
export function sourcesOf({ isRgb, matrix, limitedRange }: Format): readonly Source[] {
  if (isRgb) return RGB;
  const luma = limitedRange ? 255 / 219 : 1;
  const planes: Source[] = [{ black: limitedRange ? 16 : 0, isHalf: false, bgr: [luma, luma, luma] }];
  if (!matrix) return planes;
  const chroma = limitedRange ? 255 / 224 : 1;
  const { red, blue } = LUMA_WEIGHTS[matrix];
  const green = 1 - red - blue;
  const ofU = 2 * (1 - blue) * chroma;
  const ofV = 2 * (1 - red) * chroma;
  planes.push({ black: 128, isHalf: true, bgr: [ofU, -ofU * blue / green, 0] });
  planes.push({ black: 128, isHalf: true, bgr: [0, -ofV * red / green, ofV] });
  return planes;
}

/** @param bgrWeights the first layer's part of weights.bin */
export function firstLayer(bgrWeights: Float32Array, format: Format): FirstLayer {
  const sources = sourcesOf(format);
  const taps = sources.flatMap(({ isHalf }, source) => {
    const steps = isHalf ? [-1, 0] : [-1, 0, 1];
    return steps.flatMap((row) => steps.map((column) => ({ source, row, column })));
  });
  const block = 8 * 28;
  const weights: number[] = [];
  for (let first = 0; first < FIRST_OUTPUTS / 8; first++) {
    const from = bgrWeights.subarray(first * block, (first + 1) * block);
    weights.push(...from.subarray(0, 8));
    for (const tap of taps) {
      for (let output = 0; output < 8; output++) {
        weights.push(weightOf(tap, sources[tap.source], from, output));
      }
    }
  }
  return { sources, taps, weights: Float32Array.from(weights) };
}

/** The sum of an output's weights of blue, green and red, where the tap's value is read. */
function weightOf(
  { row, column }: Tap,
  { isHalf, bgr }: Source,
  block: Float32Array,
  output: number,
): number {
  let sum = 0;
  for (const y of isHalf && row === 0 ? [0, 1] : [row]) {
    for (const x of isHalf && column === 0 ? [0, 1] : [column]) {
      const tap = (y + 1) * 3 + x + 1;
      for (let channel = 0; channel < 3; channel++) {
        sum += bgr[channel] * block[8 + (tap * 3 + channel) * 8 + output];
      }
    }
  }
  return sum;
}
