/** Which part of a level has to be built and searched for a region of the frame, and which at a time. */
import type { Box } from "../../image/frame.ts";
import { type Level, windowSize } from "../opencv/pyramid.ts";

/** A rectangle of a level's pixels and the windows in it, `columns` times `rows` of them. */
export interface LevelPart {
  /** Pixels; `left` is a multiple of 16. Unless it is 0, the first 64 windows of each row only lead to the others. */
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly columns: number;
  readonly rows: number;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** What the first stage says of so many windows tells nearly always which of those behind them are passed over. */
const LEAD = 64;

/** The left edge of a part is aligned to so many pixels, and so many columns of windows. */
const ALIGNMENT = 16;

/** All of a level. `window`: the cascade's, pixels. */
export function wholeOf(level: Level, window: Size): LevelPart {
  return partFrom(0, 0, level.columns, level.rows, level.step, window);
}

/**
 * The part of a level with every window in the region and a few more; nothing when there is none.
 * @param window the cascade's window; `frame`: the frame's size, pixels
 * @param fromEdge whether the part begins at the level's left edge
 */
export function partOf(
  level: Level,
  window: Size,
  frame: Size,
  { x, y, width, height }: Box,
  fromEdge: boolean,
): LevelPart | undefined {
  const { scale, step } = level;
  const size = windowSize(window, scale);
  // Rounding moves a window by less than a pixel of the frame.
  const begin = (from: number) => Math.max(Math.floor((from - 1) / (scale * step)), 0);
  const end = (until: number, least: number) => Math.ceil((until - least + 1) / (scale * step)) + 1;
  const right = x + width < frame.width ? end(x + width, size.width) : level.columns;
  const bottom = y + height < frame.height ? end(y + height, size.height) : level.rows;
  const lead = Math.floor(begin(x) / ALIGNMENT) * ALIGNMENT - LEAD;
  const first = fromEdge ? 0 : Math.max(lead, 0);
  const columns = Math.min(right, level.columns) - first;
  const rows = Math.min(bottom, level.rows) - begin(y);
  if (columns <= (first > 0 ? LEAD : 0) || rows <= 0) return;
  return partFrom(first, begin(y), columns, rows, step, window);
}

/** So many windows and rows of windows from column `first` and row `top` of windows on. */
function partFrom(
  first: number,
  top: number,
  columns: number,
  rows: number,
  step: number,
  window: Size,
): LevelPart {
  return {
    left: first * step,
    top: top * step,
    width: (columns - 1) * step + window.width,
    height: (rows - 1) * step + window.height,
    columns,
    rows,
  };
}

/** A part as bands of so many rows of windows at most, from top to bottom. */
export function bandsOf(part: LevelPart, window: Size, step: number, most: number): LevelPart[] {
  const count = Math.ceil(part.rows / most);
  return Array.from({ length: count }, (_, index) => {
    const first = Math.floor(part.rows * index / count);
    const rows = Math.floor(part.rows * (index + 1) / count) - first;
    return { ...part, top: part.top + first * step, height: (rows - 1) * step + window.height, rows };
  });
}

/** Whether a box lies in a region. */
export function liesIn(box: Box, region: Box): boolean {
  return box.x >= region.x && box.y >= region.y && box.x + box.width <= region.x + region.width &&
    box.y + box.height <= region.y + region.height;
}
