/** Where the corners of a feature's rectangles are in the kernel's tables of sums. */
import type { FeatureRect } from "./cascade.ts";

/** A point between pixels, from the window's upper left corner. */
export interface Corner {
  readonly x: number;
  readonly y: number;
}

/** How a table of sums is laid out, see kernel/memory.ts. */
export interface TableLayout {
  /** Elements in a row. */
  readonly stride: number;
  /** Elements before a row's odd columns; 0: columns are in order. */
  readonly plane: number;
}

/** How many elements a corner lies behind its window's index. */
export function cornerOffset({ stride, plane }: TableLayout, { x, y }: Corner): number {
  return plane === 0 ? y * stride + x : y * stride + (x % 2) * plane + Math.floor(x / 2);
}

/** A rectangle's corners: upper left, upper right, lower left, lower right. */
export function cornersOf({ x, y, width, height }: Omit<FeatureRect, "weight">): Corner[] {
  return [{ x, y }, { x: x + width, y }, { x, y: y + height }, { x: x + width, y: y + height }];
}

/** The distinct corners of a feature and what the sum at each counts; corners that cancel out are left out. */
export function weightedCorners(rects: readonly FeatureRect[]): (Corner & { readonly weight: number })[] {
  const weighted: { x: number; y: number; weight: number }[] = [];
  for (const rect of rects) {
    const signs = [1, -1, -1, 1];
    cornersOf(rect).forEach((corner, index) => {
      const weight = signs[index] * rect.weight;
      const same = weighted.find(({ x, y }) => x === corner.x && y === corner.y);
      if (same) same.weight += weight;
      else weighted.push({ ...corner, weight });
    });
  }
  return weighted.filter(({ weight }) => weight !== 0);
}
