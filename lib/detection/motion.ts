/**
 * Motion detection at low cost. The luma is averaged over square cells, from a sample of each cell's pixels. A cell has
 * moved when its mean differs from its mean at its last motion: slow changes add up until they count, and noise is
 * averaged away.
 */
import type { Box, Frame } from "../image/frame.ts";

/** Minimum side of a cell, pixels; larger in frames that are wider than `CELLS_ACROSS` such cells. */
const MIN_CELL = 8;
const CELLS_ACROSS = 60;
/** Sampled pixels of a cell in each direction. */
const SAMPLES = 8;
/** Minimum change of a mean, of 255: about three times the noise of a camera in the dark. */
const THRESHOLD = 6;
/** Minimum number of touching cells: a single cell is flicker. */
const MIN_CELLS = 2;

/** Compares each frame with those before it. */
export class Motion {
  #reference = new Float32Array(0);
  #size = "";

  /**
   * The bounding boxes of what moved, in pixels: one for each group of touching cells. The first frame, and the first
   * one of another size, have no motion.
   */
  update(frame: Frame): Box[] {
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

/** Cells of `cell` x `cell` pixels. A rest of the frame at the right and lower edge belongs to no cell. */
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
  // V8 adds whole numbers twice as fast as fractions.
  const sums = new Int32Array(columns * rows);
  const apart = (cell / SAMPLES) * stride;
  for (let row = 0; row < rows; row++) {
    for (let line = 0; line < SAMPLES; line++) {
      const y = Math.min(height - 1, row * cell + line * (cell / SAMPLES));
      let at = first + y * width * stride;
      for (let to = row * columns; to < (row + 1) * columns; to++) {
        let sum = 0;
        for (let sample = 0; sample < SAMPLES; sample++, at += apart) sum += values[at];
        sums[to] += sum;
      }
    }
  }
  const means = new Float32Array(sums.length);
  for (let cell = 0; cell < means.length; cell++) means[cell] = sums[cell] / (SAMPLES * SAMPLES);
  return means;
}

/** The bounding boxes of the groups of marked cells that touch, also at corners. Clears the marks. */
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
