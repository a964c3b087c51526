/** Which part of a level is built and searched for a region of the frame, and in which bands. */
import type { Box } from "../../image/frame.ts";
import { type Level, windowSize } from "../opencv/pyramid.ts";
import { LEAD_WINDOWS, PART_ALIGNMENT } from "./layout.ts";

/** A rectangle of a level's pixels with `columns` times `rows` windows in it. */
export interface LevelPart {
  /**
   * The rectangle in pixels of the level; `left` is a multiple of PART_ALIGNMENT. Unless `left` is 0, the first
   * LEAD_WINDOWS windows of each row are the lead.
   */
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

/** All of a level. `window`: the size of the cascade's window, in pixels. */
export function wholeOf(level: Level, window: Size): LevelPart {
  return partFrom(0, 0, level.columns, level.rows, level.step, window);
}

/**
 * The part of a level that contains every window of a region, and a few more; undefined if there are no such windows.
 * @param window the size of the cascade's window, in pixels
 * @param frame the size of the frame, in pixels
 * @param fromEdge whether the part begins at the level's left edge instead of with a lead
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
  const end = (until: number, length: number) => Math.ceil((until - length + 1) / (scale * step)) + 1;
  const right = x + width < frame.width ? end(x + width, size.width) : level.columns;
  const bottom = y + height < frame.height ? end(y + height, size.height) : level.rows;
  const withLead = Math.floor(begin(x) / PART_ALIGNMENT) * PART_ALIGNMENT - LEAD_WINDOWS;
  const first = fromEdge ? 0 : Math.max(withLead, 0);
  const columns = Math.min(right, level.columns) - first;
  const rows = Math.min(bottom, level.rows) - begin(y);
  if (columns <= (first > 0 ? LEAD_WINDOWS : 0) || rows <= 0) return;
  return partFrom(first, begin(y), columns, rows, step, window);
}

/** The part whose first window is in column `first` and row `top` of the level's windows. */
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

/** Cuts a part into bands of at most `maxRows` rows of windows, from top to bottom. */
export function bandsOf(part: LevelPart, window: Size, step: number, maxRows: number): LevelPart[] {
  const count = Math.ceil(part.rows / maxRows);
  return Array.from({ length: count }, (_, index) => {
    const first = Math.floor(part.rows * index / count);
    const rows = Math.floor(part.rows * (index + 1) / count) - first;
    return { ...part, top: part.top + first * step, height: (rows - 1) * step + window.height, rows };
  });
}
