/** Where the corners of a feature's rectangles are in the kernel's tables of sums. */
import type { FeatureRect } from "../cascade/cascade.ts";

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

/** An element of the table of sums. */
export const SUM_BYTES = 2;

/** How many elements a corner lies behind its window's index. */
export function cornerOffset({ stride, plane }: TableLayout, { x, y }: Corner): number {
  return plane === 0 ? y * stride + x : y * stride + (x % 2) * plane + Math.floor(x / 2);
}

/** A rectangle's corners: upper left, upper right, lower left, lower right. */
export function cornersOf({ x, y, width, height }: Omit<FeatureRect, "weight">): Corner[] {
  return [{ x, y }, { x: x + width, y }, { x, y: y + height }, { x: x + width, y: y + height }];
}

/** A corner and what the sum at it counts. */
export interface WeightedCorner extends Corner {
  weight: number;
}

/** The distinct corners of a feature; those that cancel out are left out. */
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
