/**
 * Motion: where a frame differs from what was there before, cheaply. The luma is averaged over square cells, a
 * sample of each only, and a cell has moved when its mean differs from the one it had when it last moved; so slow
 * changes add up until they count, and noise, which the mean evens out, does not.
 */
import type { Box, Frame } from "../image/frame.ts";

/** A cell's side in pixels is at least this, and larger where a frame has more than `CELLS_ACROSS` of them. */
const MIN_CELL = 8;
const CELLS_ACROSS = 60;
/** Of a cell so many pixels are looked at in each direction. */
const SAMPLES = 8;
/** A mean that differs by so much, of 255, has moved: some three times what a camera's noise in the dark does. */
const THRESHOLD = 6;
/** A lone cell is a flicker. */
const MIN_CELLS = 2;

/** Compares each frame with those before it. */
export class Motion {
  #reference = new Float32Array(0);
  #size = "";

  /**
   * The rectangles around what moved, in pixels: one for each group of cells that touch. Nothing moved in the first
   * frame, nor in the first one of another size.
   */
  look(frame: Frame): Box[] {
    const grid = gridOf(frame);
    const means = cellMeans(frame, grid);
    const size = `${frame.width}x${frame.height}`;
    if (size !== this.#size) {
      this.#size = size;
      this.#reference = means;
      return [];
    }
    const moved = new Uint8Array(means.length);
    for (let cell = 0; cell < means.length; cell++) {
      if (Math.abs(means[cell] - this.#reference[cell]) < THRESHOLD) continue;
      moved[cell] = 1;
      this.#reference[cell] = means[cell];
    }
    return groups(moved, grid);
  }
}

/** Cells of `cell` pixels a side; those at the right and lower edge are cut off where they do not fit. */
interface Grid {
  readonly cell: number;
  readonly columns: number;
  readonly rows: number;
}

function gridOf({ width, height }: Frame): Grid {
  const cell = Math.max(MIN_CELL, SAMPLES * Math.ceil(width / CELLS_ACROSS / SAMPLES));
  return {
    cell,
    columns: Math.max(1, Math.floor(width / cell)),
    rows: Math.max(1, Math.floor(height / cell)),
  };
}

function cellMeans(
  { width, height, pixels }: Frame,
  { cell, columns, rows }: Grid,
): Float32Array<ArrayBuffer> {
  // Green stands for the luma of an RGB picture.
  const [values, stride, first] = pixels.kind === "rgb24" ? [pixels.rgb, 3, 1] : [pixels.y, 1, 0];
  const means = new Float32Array(columns * rows);
  const apart = cell / SAMPLES;
  for (let row = 0; row < rows; row++) {
    for (let line = 0; line < SAMPLES; line++) {
      const y = Math.min(height - 1, row * cell + line * apart);
      for (let column = 0; column < columns; column++) {
        let at = first + (y * width + column * cell) * stride;
        let sum = 0;
        for (let sample = 0; sample < SAMPLES; sample++, at += apart * stride) sum += values[at];
        means[row * columns + column] += sum / (SAMPLES * SAMPLES);
      }
    }
  }
  return means;
}

/** The rectangles around the groups of marked cells that touch, corners included. Clears the marks. */
function groups(moved: Uint8Array, { cell, columns, rows }: Grid): Box[] {
  const boxes: Box[] = [];
  for (let start = 0; start < moved.length; start++) {
    if (!moved[start]) continue;
    let [left, top, right, bottom] = [columns, rows, 0, 0];
    const reached = [start];
    moved[start] = 0;
    for (const at of reached) {
      const [x, y] = [at % columns, Math.floor(at / columns)];
      [left, top, right, bottom] = [
        Math.min(left, x),
        Math.min(top, y),
        Math.max(right, x),
        Math.max(bottom, y),
      ];
      for (let ny = Math.max(0, y - 1); ny <= Math.min(rows - 1, y + 1); ny++) {
        for (let nx = Math.max(0, x - 1); nx <= Math.min(columns - 1, x + 1); nx++) {
          const next = ny * columns + nx;
          if (!moved[next]) continue;
          moved[next] = 0;
          reached.push(next);
        }
      }
    }
    if (reached.length < MIN_CELLS) continue;
    const [width, height] = [(right - left + 1) * cell, (bottom - top + 1) * cell];
    boxes.push({ x: left * cell, y: top * cell, width, height });
  }
  return boxes;
}
