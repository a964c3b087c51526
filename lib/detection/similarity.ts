/**
 * How alike two faces look, from -1 to 1: the correlation of their gray thumbnails, which neither brightness nor
 * contrast changes. It knows nobody: it can tell that this is hardly the same picture, not that it is the same person.
 */
import type { Picture } from "../image/crop.ts";
import type { Box } from "../image/frame.ts";

/** A face in its cut-out: `box` is where the cascade saw it and `crop` what was cut out, in pixels of the frame. */
export interface Cut {
  readonly picture: Picture;
  readonly box: Box;
  readonly crop: Box;
}

/** Cells of a thumbnail in each direction: coarse enough that a box a few pixels off makes no difference. */
const CELLS = 8;

/** The similarity of two faces; 1 for the same picture. */
export function similarity(some: Cut, other: Cut): number {
  const [a, b] = [thumbnail(some), thumbnail(other)];
  return correlation(a, b);
}

/** The mean green, which is most of the luma, of each cell of the face. */
function thumbnail({ picture, box, crop }: Cut): Float64Array {
  const [left, top] = [box.x - crop.x, box.y - crop.y];
  const cells = new Float64Array(CELLS * CELLS);
  for (let row = 0, cell = 0; row < CELLS; row++) {
    const [fromY, toY] = edges(box.height, row);
    for (let column = 0; column < CELLS; column++, cell++) {
      const [fromX, toX] = edges(box.width, column);
      let sum = 0;
      for (let y = fromY; y < toY; y++) {
        for (let x = fromX; x < toX; x++) sum += picture.rgb[((top + y) * picture.width + left + x) * 3 + 1];
      }
      cells[cell] = sum / ((toX - fromX) * (toY - fromY));
    }
  }
  return cells;
}

/** From where to where a cell goes, at least one pixel. */
function edges(length: number, cell: number): [number, number] {
  const from = Math.min(length - 1, Math.floor(length * cell / CELLS));
  return [from, Math.max(from + 1, Math.floor(length * (cell + 1) / CELLS))];
}

/** Pearson's; 0 when one of them has no contrast. */
function correlation(a: Float64Array, b: Float64Array): number {
  const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanA, meanB] = [mean(a), mean(b)];
  let [both, squaresA, squaresB] = [0, 0, 0];
  for (let at = 0; at < a.length; at++) {
    const [partA, partB] = [a[at] - meanA, b[at] - meanB];
    both += partA * partB;
    squaresA += partA * partA;
    squaresB += partB * partB;
  }
  return both === 0 ? 0 : both / Math.sqrt(squaresA * squaresB);
}
