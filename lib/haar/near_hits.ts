/**
 * Two passes over the levels of a smaller frame: the first searches every second window of every second row, the second all
 * windows around the hits of the first. A face has several windows side by side, so the first pass has at least one of them.
 */
import { grown, merged } from "../image/boxes.ts";
import type { Box } from "../image/frame.ts";
import type { PlannedLevel } from "./compile/search_plan.ts";

/** Maximum ratio of the scales of a hit and of a window that may belong to the same face. */
const NEAR_SCALE = 1.45;
/** Maximum distance of such a window from the hit, in pixels of its level; more by as much as it is larger. */
const NEAR_PX = 2;

/** Whether windows of two levels may belong to one face. */
export function areNear({ scale: some }: PlannedLevel, { scale: other }: PlannedLevel): boolean {
  return Math.max(some / other, other / some) <= NEAR_SCALE;
}

/** The areas of a frame, in pixels, in which windows of a level may belong to the same face as a hit. They do not overlap. */
export function areasAround(
  hits: readonly Box[],
  { scale, window }: PlannedLevel,
  frame: { readonly width: number; readonly height: number },
): Box[] {
  return merged(hits.map((hit) => {
    const margin = Math.max(0, window.width - hit.width) + Math.ceil(NEAR_PX * scale) + 1; // Positions are rounded.
    return grown(hit, [margin, margin], frame);
  }));
}
