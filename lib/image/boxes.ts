/** How boxes lie to one another. */
import type { Box } from "./frame.ts";

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
