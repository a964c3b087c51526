/** Which part of a level has to be built and searched for a region of the frame. */
import type { Box } from "../../image/frame.ts";
import { type Level, windowSize } from "./levels.ts";

/** A rectangle of a level's pixels and the windows in it, `columns` times `rows` of them. */
export interface LevelPart {
  /** Pixels; `left` is a multiple of 16. */
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  /** How many columns of windows only tell what the first stage's answers mean for the next; a multiple of 8. */
  readonly lead: number;
  /** With those. */
  readonly columns: number;
  readonly rows: number;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Windows per SIMD operation. */
const GROUP = 8;

/** So many windows nearly always hold one that the first stage does not reject. */
const LEAD = 4 * GROUP;

/**
 * The part of a level with every window in the region and a few more; nothing when there is none.
 * @param window the cascade's window; `frame`: the frame's size, pixels
 * @param region nothing: all of the level
 * @param lead at least so many columns to the left of the region are searched, too
 */
export function partOf(
  level: Level,
  window: Size,
  frame: Size,
  region: Box | undefined,
  lead = LEAD,
): LevelPart | undefined {
  const { scale, step } = level;
  const { x, y, width, height } = region ?? { x: 0, y: 0, ...frame };
  const size = windowSize(window, scale);
  // Rounding moves a window by less than a pixel of the frame.
  const begin = (from: number) => Math.max(Math.floor((from - 1) / (scale * step)), 0);
  const end = (until: number, least: number) => Math.ceil((until - least + 1) / (scale * step)) + 1;
  const right = x + width < frame.width ? end(x + width, size.width) : level.columns;
  const bottom = y + height < frame.height ? end(y + height, size.height) : level.rows;
  const first = Math.floor(begin(x) / GROUP) * GROUP;
  // Sixteen pixels are one or two groups of windows.
  const left = Math.floor(Math.max(first - lead, 0) * step / 16) * 16;
  const columns = Math.min(right, level.columns) - left / step;
  const rows = Math.min(bottom, level.rows) - begin(y);
  const leadColumns = first - left / step;
  if (columns <= leadColumns || rows <= 0) return;
  return {
    left,
    top: begin(y) * step,
    width: (columns - 1) * step + window.width,
    height: (rows - 1) * step + window.height,
    lead: leadColumns,
    columns,
    rows,
  };
}

/** Whether a box lies in a region. */
export function liesIn(box: Box, region: Box): boolean {
  return box.x >= region.x && box.y >= region.y && box.x + box.width <= region.x + region.width &&
    box.y + box.height <= region.y + region.height;
}
