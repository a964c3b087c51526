/** A feature's cells: where its rectangles overlap their weights add up, and what remains are rectangles that do not. */
import type { FeatureRect } from "../cascade/cascade.ts";
import { type Corner, cornersOf } from "./corners.ts";

/** The edges of all rectangles cut the feature into cells; those that count nothing are left out. */
export function cellsOf(rects: readonly FeatureRect[]): FeatureRect[] {
  const xs = edges(rects.flatMap(({ x, width }) => [x, x + width]));
  const ys = edges(rects.flatMap(({ y, height }) => [y, y + height]));
  const cells: FeatureRect[] = [];
  for (let row = 1; row < ys.length; row++) {
    for (let column = 1; column < xs.length; column++) {
      const [x, y] = [xs[column - 1], ys[row - 1]];
      let weight = 0;
      for (const rect of rects) if (covers(rect, x, y)) weight += rect.weight;
      if (weight !== 0) cells.push({ x, y, width: xs[column] - x, height: ys[row] - y, weight });
    }
  }
  return cells;
}

function edges(all: readonly number[]): number[] {
  return [...new Set(all)].sort((a, b) => a - b);
}

function covers(rect: FeatureRect, x: number, y: number): boolean {
  return x >= rect.x && x < rect.x + rect.width && y >= rect.y && y < rect.y + rect.height;
}

/** The largest value, up or down, that any pixels can give a feature; more for rectangles that are no cells. */
export function largestValue(rects: readonly FeatureRect[]): number {
  let [up, down] = [0, 0];
  for (const { width, height, weight } of rects) {
    if (weight > 0) up += weight * width * height;
    else down -= weight * width * height;
  }
  return 255 * Math.max(up, down);
}

/** So many pixels add up to less than 2^16. */
const MOST_PIXELS = Math.floor(65535 / 255);

/** A rectangle as strips one below the other, each so small that its sum is below 2^16. */
export function stripsOf<R extends Omit<FeatureRect, "weight">>(rect: R): R[] {
  const most = Math.floor(MOST_PIXELS / rect.width);
  return Array.from({ length: Math.ceil(rect.height / most) }, (_, nth) => ({
    ...rect,
    y: rect.y + nth * most,
    height: Math.min(most, rect.height - nth * most),
  }));
}

/** How many cells may count, and how many count less. */
const MOST_CELLS = 2;

/** The corners of no rectangle. */
const NOTHING: readonly Corner[] = Array(4).fill({ x: 0, y: 0 });

/**
 * The corners of two rectangles that count and two that count less, in the order of `cornersOf`, each so small that its
 * sum fits in 16 bits; nothing for a feature that is not made of so few small ones. A cell that counts twice is taken
 * twice.
 * @param sign -1 turns the feature round
 */
export function cellCorners(cells: readonly FeatureRect[], sign: number): Corner[] | undefined {
  if (cells.some(({ width, height }) => width * height > MOST_PIXELS)) return;
  const taken = (sign: number) =>
    cells.flatMap((cell) => Array(Math.max(sign * cell.weight, 0)).fill(cornersOf(cell)) as Corner[][]);
  const [more, less] = [taken(sign), taken(-sign)];
  if (Math.max(more.length, less.length) > MOST_CELLS) return;
  return [more, less].flatMap((some) => [...some, NOTHING, NOTHING].slice(0, MOST_CELLS).flat());
}
