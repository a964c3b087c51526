/**
 * Mean colours of the cells of a region, from a frame's own planes. Means are linear, so the YUV means of a cell are
 * converted once for the cell, and no pixel is converted. Large cells are sampled.
 */
import { LUMA_WEIGHTS } from "./crop.ts";
import type { Box, Frame, YuvPixels } from "./frame.ts";

/** Maximum number of samples in each direction: of a cell, and of the frame for its mean colour. */
const CELL_SAMPLES = 4;
const FRAME_SAMPLES = 60;

/** Values of one plane: `step` from a pixel to the next and `row` from a row to the next, in bytes. */
interface Samples {
  readonly bytes: Uint8Array;
  readonly first: number;
  readonly step: number;
  readonly row: number;
  /** log2 of the number of pixels for each sample, in each direction: 1 for chroma. */
  readonly shift: number;
}

/** The pixels of a cell: from (inclusive) and to (exclusive), at least one in each direction. */
interface Cell {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Whole pixels, at least one in each direction, of the part of a box that is inside the frame. */
export function insideFrame({ x, y, width, height }: Box, frame: Frame): Box {
  const within = (value: number, size: number) => Math.max(0, Math.min(size, Math.round(value)));
  const left = Math.min(frame.width - 1, within(x, frame.width));
  const top = Math.min(frame.height - 1, within(y, frame.height));
  const right = Math.max(left + 1, within(x + width, frame.width));
  const bottom = Math.max(top + 1, within(y + height, frame.height));
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/**
 * The mean red, green and blue (0..255) of each of `columns` x `rows` cells of a region, row by row: three values per
 * cell. Cells outside the frame are left out; of cells across its edge only the part inside counts.
 */
export function cellColours(frame: Frame, region: Box, columns: number, rows: number): Float32Array {
  const colourOf = colourReader(frame, CELL_SAMPLES);
  const colours = new Float32Array(columns * rows * 3);
  let length = 0;
  eachCell(frame, region, [columns, rows], (cell) => {
    colourOf(cell, colours, length);
    length += 3;
  });
  return colours.subarray(0, length);
}

/** The mean red, green and blue (0..255) of the frame. */
export function meanColour(frame: Frame): Float32Array {
  const colour = new Float32Array(3);
  const whole = { left: 0, top: 0, right: frame.width, bottom: frame.height };
  colourReader(frame, FRAME_SAMPLES)(whole, colour, 0);
  return colour;
}

/** The mean brightness of each cell, in the units of the frame's luma; green stands for the luma of an RGB picture. */
export function cellBrightness(frame: Frame, region: Box, columns: number, rows: number): Float32Array {
  const { pixels, width } = frame;
  const samples = pixels.kind === "rgb24"
    ? { bytes: pixels.rgb, first: 1, step: 3, row: width * 3, shift: 0 }
    : { bytes: pixels.y, first: 0, step: 1, row: width, shift: 0 };
  const means: number[] = [];
  eachCell(frame, region, [columns, rows], (cell) => means.push(mean(samples, cell, CELL_SAMPLES)));
  return Float32Array.from(means);
}

/** Calls `each` for every cell of a region that has pixels inside the frame, row by row. The cell is reused. */
function eachCell(
  { width, height }: Frame,
  region: Box,
  [columns, rows]: readonly [number, number],
  each: (cell: Cell) => void,
): void {
  const across = edges(region.x, region.width, columns, width);
  const down = edges(region.y, region.height, rows, height);
  const cell = { left: 0, top: 0, right: 0, bottom: 0 };
  for (let row = 0; row < down.length; row += 2) {
    cell.top = down[row];
    cell.bottom = down[row + 1];
    for (let column = 0; column < across.length; column += 2) {
      cell.left = across[column];
      cell.right = across[column + 1];
      each(cell);
    }
  }
}

/** Begin and end, in turn, of the cells in one direction, clipped to the frame; without those outside. */
function edges(start: number, length: number, cells: number, limit: number): number[] {
  const found: number[] = [];
  for (let cell = 0; cell < cells; cell++) {
    const from = Math.round(start + length * cell / cells);
    const to = Math.max(from + 1, Math.round(start + length * (cell + 1) / cells));
    if (from < limit && to > 0) found.push(Math.max(0, from), Math.min(limit, to));
  }
  return found;
}

/** Writes the mean red, green and blue of a cell. */
type ColourReader = (cell: Cell, into: Float32Array, at: number) => void;

function colourReader({ pixels, width }: Frame, most: number): ColourReader {
  if (pixels.kind === "rgb24") {
    const planes = [0, 1, 2].map((first) => ({
      bytes: pixels.rgb,
      first,
      step: 3,
      row: width * 3,
      shift: 0,
    }));
    return (cell, into, at) => planes.forEach((plane, index) => into[at + index] = mean(plane, cell, most));
  }
  return yuvReader(pixels, width, most);
}

function yuvReader(
  { y, u, v, fullRange, matrix = "bt601" }: YuvPixels,
  width: number,
  most: number,
): ColourReader {
  const { red, blue } = LUMA_WEIGHTS[matrix];
  const green = 1 - red - blue;
  const [lumaOffset, lumaScale, chromaScale] = fullRange ? [0, 1, 1] : [16, 255 / 219, 255 / 224];
  const redFromV = 2 * (1 - red) * chromaScale;
  const blueFromU = 2 * (1 - blue) * chromaScale;
  const luma = { bytes: y, first: 0, step: 1, row: width, shift: 0 };
  const chroma = { first: 0, step: 1, row: (width + 1) >> 1, shift: 1 };
  const [planeU, planeV] = [{ ...chroma, bytes: u }, { ...chroma, bytes: v }];
  return (cell, into, at) => {
    const light = (mean(luma, cell, most) - lumaOffset) * lumaScale;
    const fromU = (mean(planeU, cell, most) - 128) * blueFromU;
    const fromV = (mean(planeV, cell, most) - 128) * redFromV;
    into[at] = clamped(light + fromV);
    into[at + 1] = clamped(light - (red * fromV + blue * fromU) / green);
    into[at + 2] = clamped(light + fromU);
  };
}

function clamped(value: number): number {
  return value < 0 ? 0 : value > 255 ? 255 : value;
}

/** The mean of a cell, from at most `most` x `most` samples. */
function mean({ bytes, first, step, row, shift }: Samples, cell: Cell, most: number): number {
  const left = cell.left >> shift;
  const top = cell.top >> shift;
  const right = Math.max(left + 1, (cell.right + shift) >> shift);
  const bottom = Math.max(top + 1, (cell.bottom + shift) >> shift);
  const across = Math.ceil((right - left) / most);
  const down = Math.ceil((bottom - top) / most);
  let [sum, count] = [0, 0];
  for (let y = top; y < bottom; y += down) {
    const line = first + y * row;
    for (let x = left; x < right; x += across, count++) sum += bytes[line + x * step];
  }
  return sum / count;
}
