/**
 * From the rectangles of a feature to the corners that are loaded from the integral image: which corners, in which
 * order, and where they are. A rectangle's sum is upper left - upper right - lower left + lower right.
 */
import type { FeatureRect } from "../cascade/cascade.ts";

/** A point between pixels, relative to the window's upper left corner. */
export interface Corner {
  readonly x: number;
  readonly y: number;
}

/** How the integral image and the tables beside it are laid out; README.md draws both kinds. */
export interface TableLayout {
  /** Elements from one row to the next. */
  readonly stride: number;
  /** Elements from a row's even columns to its odd columns; 0: columns are in order. */
  readonly oddColumns: number;
}

/** Elements from a window's index to one of its corners. */
export function cornerOffset({ stride, oddColumns }: TableLayout, { x, y }: Corner): number {
  return oddColumns === 0 ? y * stride + x : y * stride + (x % 2) * oddColumns + Math.floor(x / 2);
}

/** A rectangle's corners: upper left, upper right, lower left, lower right. */
export function cornersOf({ x, y, width, height }: Omit<FeatureRect, "weight">): Corner[] {
  return [{ x, y }, { x: x + width, y }, { x, y: y + height }, { x: x + width, y: y + height }];
}

/** A corner and the weight of the value at it. */
export interface WeightedCorner extends Corner {
  weight: number;
}

/** The distinct corners of a feature, without those whose weights cancel out. */
export function weightedCorners(rects: readonly FeatureRect[]): WeightedCorner[] {
  const corners: WeightedCorner[] = [];
  const add = (x: number, y: number, weight: number) => {
    for (const corner of corners) {
      if (corner.x !== x || corner.y !== y) continue;
      corner.weight += weight;
      return;
    }
    corners.push({ x, y, weight });
  };
  for (const { x, y, width, height, weight } of rects) {
    add(x, y, weight);
    add(x + width, y, -weight);
    add(x, y + height, -weight);
    add(x + width, y + height, weight);
  }
  return corners.filter(({ weight }) => weight !== 0);
}

/** The edges of all rectangles cut the feature into cells that do not overlap. Returns those whose weight is not 0. */
export function cellsOf(rects: readonly FeatureRect[]): FeatureRect[] {
  const xs = sortedDistinct(rects.flatMap(({ x, width }) => [x, x + width]));
  const ys = sortedDistinct(rects.flatMap(({ y, height }) => [y, y + height]));
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

function sortedDistinct(numbers: readonly number[]): number[] {
  return [...new Set(numbers)].sort((a, b) => a - b);
}

function covers(rect: FeatureRect, x: number, y: number): boolean {
  return x >= rect.x && x < rect.x + rect.width && y >= rect.y && y < rect.y + rect.height;
}

/** The largest magnitude that any pixels can give a feature. For rectangles that overlap it is an upper bound. */
export function largestValue(rects: readonly FeatureRect[]): number {
  let [up, down] = [0, 0];
  for (const { width, height, weight } of rects) {
    if (weight > 0) up += weight * width * height;
    else down -= weight * width * height;
  }
  return 255 * Math.max(up, down);
}

/** The sum of at most this many pixels is below 2^16. */
const MAX_STRIP_PIXELS = Math.floor(65535 / 255);

/** Cuts a rectangle into strips, one below the other, whose sums are below 2^16. */
export function stripsOf<R extends Omit<FeatureRect, "weight">>(rect: R): R[] {
  const maxHeight = Math.floor(MAX_STRIP_PIXELS / rect.width);
  return Array.from({ length: Math.ceil(rect.height / maxHeight) }, (_, nth) => ({
    ...rect,
    y: rect.y + nth * maxHeight,
    height: Math.min(maxHeight, rect.height - nth * maxHeight),
  }));
}

/** Maximum number of cells that are added, and of cells that are subtracted. */
const MAX_CELLS = 2;

/** The corners of an empty rectangle. */
const EMPTY_RECT: readonly Corner[] = Array(4).fill({ x: 0, y: 0 });

/**
 * The corners of two cells that are added and two that are subtracted, each as in {@link cornersOf}. A cell of weight 2
 * takes the place of two cells. Returns undefined for a feature with more cells, or with a cell whose sum may not fit
 * in 16 bits.
 * @param sign -1 swaps the added and the subtracted cells
 */
export function cellCorners(cells: readonly FeatureRect[], sign: number): Corner[] | undefined {
  if (cells.some(({ width, height }) => width * height > MAX_STRIP_PIXELS)) return;
  const withSign = (sign: number) =>
    cells.flatMap((cell) => Array(Math.max(sign * cell.weight, 0)).fill(cornersOf(cell)) as Corner[][]);
  const [added, subtracted] = [withSign(sign), withSign(-sign)];
  if (Math.max(added.length, subtracted.length) > MAX_CELLS) return;
  return [added, subtracted].flatMap((some) => [...some, EMPTY_RECT, EMPTY_RECT].slice(0, MAX_CELLS).flat());
}

/** Number of corners kept in registers. x86-64 has 16 SIMD registers; V8 spills what is beyond them. */
export const KEPT_CORNERS = 8;

/** Number of stumps considered as the next one. More cost much time and gain little. */
const LOOK_AHEAD = 32;

/** The corners loaded last, in {@link KEPT_CORNERS} slots; a new corner replaces the least recently used one. */
export class RecentCorners {
  readonly #slots: number[] = [];
  /** Slots, the least recently used one first. */
  readonly #byUse: number[] = [];

  /** Assigns a slot to a corner. `isLoaded`: the corner is in it already. */
  take(corner: Corner): { readonly slot: number; readonly isLoaded: boolean } {
    const key = keyOf(corner);
    const slot = this.#slots.indexOf(key);
    if (slot >= 0) {
      this.#byUse.splice(this.#byUse.indexOf(slot), 1);
      this.#byUse.push(slot);
      return { slot, isLoaded: true };
    }
    const free = this.#slots.length < KEPT_CORNERS ? this.#slots.length : this.#byUse.shift()!;
    this.#slots[free] = key;
    this.#byUse.push(free);
    return { slot: free, isLoaded: false };
  }

  /** The share of some corners that are loaded already. */
  loadedShare(corners: readonly Corner[]): number {
    let loaded = 0;
    for (const corner of corners) if (this.#slots.includes(keyOf(corner))) loaded++;
    return loaded / corners.length;
  }
}

const keyOf = ({ x, y }: Corner) => x * 256 + y;

/**
 * Orders the stumps of a stage so that each shares corners with those just before it: a fifth fewer loads in the
 * shipped cascade. The order of a stage's stumps does not change its result.
 */
export function inSharingOrder<S extends { readonly corners: readonly Corner[] }>(stumps: readonly S[]): S[] {
  const recent = new RecentCorners();
  const left = [...stumps];
  const ordered: S[] = [];
  while (left.length > 0) {
    let [best, bestShare] = [0, -1];
    for (let index = 0; index < Math.min(left.length, LOOK_AHEAD); index++) {
      const share = recent.loadedShare(left[index].corners);
      if (share > bestShare) [best, bestShare] = [index, share];
    }
    const [next] = left.splice(best, 1);
    ordered.push(next);
    for (const corner of next.corners) recent.take(corner);
  }
  return ordered;
}
