/** How boxes lie to one another, and in a picture of another size. */
import type { Box, Point, Size } from "./frame.ts";

/** Intersection over union, 0..1. */
export function overlap(a: Box, b: Box): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  if (width <= 0 || height <= 0) return 0;
  const both = width * height;
  return both / (a.width * a.height + b.width * b.height - both);
}

/** Whether a box lies in a region. */
export function liesIn(box: Box, region: Box): boolean {
  return box.x >= region.x && box.y >= region.y && box.x + box.width <= region.x + region.width &&
    box.y + box.height <= region.y + region.height;
}

/**
 * A box in a picture that is `factor` times as large, clipped to it; with its landmarks, if it has any.
 * @param origin where the smaller picture begins in the larger one, in pixels of the larger one
 */
export function enlarged<T extends Box & { readonly landmarks?: readonly Point[] }>(
  box: T,
  factor: number,
  picture: Size,
  origin: Point = { x: 0, y: 0 },
): T {
  if (factor === 1) return box;
  const larger = ({ x, y }: Point) => ({ x: x * factor + origin.x, y: y * factor + origin.y });
  const from = larger(box);
  const to = larger({ x: box.x + box.width, y: box.y + box.height });
  const [x, y] = [Math.max(0, from.x), Math.max(0, from.y)];
  const width = Math.min(picture.width, to.x) - x;
  const height = Math.min(picture.height, to.y) - y;
  const landmarks = box.landmarks?.map(larger);
  return { ...box, x, y, width, height, ...landmarks && { landmarks } };
}

/** The mean of width and height. */
export function sideOf({ width, height }: Box): number {
  return (width + height) / 2;
}

/** The larger size divided by the smaller one. */
export function sizeRatio(some: Box, other: Box): number {
  const [a, b] = [sideOf(some), sideOf(other)];
  return Math.max(a, b) / Math.min(a, b);
}

/** Distance of the centres, in sides of the boxes. */
export function distance(some: Box, other: Box): number {
  const [from, to] = [centre(some), centre(other)];
  return Math.hypot(to.x - from.x, to.y - from.y) * 2 / (sideOf(some) + sideOf(other));
}

export function centre({ x, y, width, height }: Box): Point {
  return { x: x + width / 2, y: y + height / 2 };
}

/** A box with a margin on every side, clipped to the frame. Margins in pixels: left and right, above and below. */
export function grown(box: Box, [marginX, marginY]: readonly [number, number], frame: Size): Box {
  const x = Math.max(0, box.x - marginX);
  const y = Math.max(0, box.y - marginY);
  return {
    x,
    y,
    width: Math.min(frame.width, box.x + box.width + marginX) - x,
    height: Math.min(frame.height, box.y + box.height + marginY) - y,
  };
}

/** Replaces overlapping boxes by their bounding box, until none overlap. */
export function merged(boxes: readonly Box[]): Box[] {
  const apart: Box[] = [];
  for (let box of boxes) {
    for (let at; (at = apart.findIndex((other) => touch(box, other))) >= 0;) {
      box = around(box, apart.splice(at, 1)[0]);
    }
    apart.push(box);
  }
  return apart;
}

/** Whether two boxes overlap. */
export function touch(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

function around(a: Box, b: Box): Box {
  const x = Math.min(a.x, b.x);
  const y = Math.min(a.y, b.y);
  const width = Math.max(a.x + a.width, b.x + b.width) - x;
  const height = Math.max(a.y + a.height, b.y + b.height) - y;
  return { x, y, width, height };
}
