/**
 * The similarity of two faces, from -1 to 1: the correlation of their gray thumbnails, which does not depend on
 * brightness and contrast. It recognises nobody: a low value means two different views or people, a high value does not
 * mean the same person.
 */
import type { Picture } from "../image/crop.ts";
import type { Box } from "../image/frame.ts";

/** A cropped face: `box` is the detection and `crop` what was cut out, in pixels of the frame. */
export interface CroppedFace {
  readonly picture: Picture;
  readonly box: Box;
  readonly crop: Box;
}

/** Cells of a thumbnail in each direction; so few that an error of a few pixels in the box makes no difference. */
const CELLS = 8;

/** The similarity of two faces; 1 for the same picture. */
export function similarity(some: CroppedFace, other: CroppedFace): number {
  const [a, b] = [thumbnail(some), thumbnail(other)];
  return correlation(a, b);
}

/** The mean of each cell of the face. Green stands for the luma, of which it is the largest part. */
function thumbnail({ picture, box, crop }: CroppedFace): Float64Array {
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

/** Begin and end of a cell, at least one pixel apart. */
function edges(length: number, cell: number): [number, number] {
  const from = Math.min(length - 1, Math.floor(length * cell / CELLS));
  return [from, Math.max(from + 1, Math.floor(length * (cell + 1) / CELLS))];
}

/** Pearson's correlation; 0 when one of the two has no contrast. */
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
