/** The cascade as kernel/exact.ts wants it. */
import { cornerOffset, cornersOf, type TableLayout } from "./corners.ts";
import type { FeatureRect, Stage } from "./cascade.ts";
import type { TableWriter } from "./table_writer.ts";

/** A corner in the table of sums. */
const SUM_BYTES = 4;
/** Bytes of a stage, and of each of its stumps. */
const STAGE_BYTES = 8;
const STUMP_BYTES = 72;

/** A feature has so many rectangles at most; one that it does not have counts nothing. */
const MOST_RECTS = 3;
const NO_RECT = { x: 0, y: 0, width: 0, height: 0, weight: 0 };

type Rect = Omit<FeatureRect, "weight">;

/** Below this, `area / standard deviation` of a window, OpenCV searches it (HaarEvaluator::setWindow). */
const FLAT_LIMIT = 0.1;

/** How long the table of some stages is. */
export function exactBytes(stages: readonly Stage[]): number {
  return stages.reduce((sum, { stumps }) => sum + STAGE_BYTES + stumps.length * STUMP_BYTES, 0);
}

/**
 * Writes stages one after the other and returns where the first begins.
 * @param cornerBytes how long one corner is
 */
export function writeExactStages(
  table: TableWriter,
  stages: readonly Stage[],
  layout: TableLayout,
  cornerBytes = SUM_BYTES,
): number {
  table.align(4);
  const start = table.end;
  for (const { threshold, stumps } of stages) {
    table.int32(stumps.length);
    table.float32(threshold);
    for (const { rects, threshold, below, notBelow } of stumps) {
      for (let nth = 0; nth < MOST_RECTS; nth++) {
        writeCorners(table, layout, rects[nth] ?? NO_RECT, cornerBytes);
      }
      for (let nth = 0; nth < MOST_RECTS; nth++) table.int32((rects[nth] ?? NO_RECT).weight);
      table.float32(threshold);
      table.float32(below);
      table.float32(notBelow);
    }
  }
  return start;
}

/**
 * Writes where the variance is measured, inside the window's outermost pixels: corners, area, the least spread of a
 * window that is not flat, how much of the root is kept, and whether it is the root of half the spread, which is exact.
 */
export function writeNormCorners(table: TableWriter, window: Window, layout: TableLayout): number {
  const inner = { x: 1, y: 1, width: window.width - 2, height: window.height - 2 };
  table.align(4);
  const start = table.end;
  writeCorners(table, layout, inner, SUM_BYTES);
  table.int32(normArea(window));
  table.int32(leastSpread(normArea(window)));
  const isWhole = isSpreadWhole(normArea(window));
  table.float32((isWhole ? Math.SQRT2 : 1) / sigmaUnit(window));
  table.int32(isWhole ? 1 : 0);
  return start;
}

function writeCorners(table: TableWriter, layout: TableLayout, rect: Rect, cornerBytes: number): void {
  for (const corner of cornersOf(rect)) table.int32(cornerOffset(layout, corner) * cornerBytes);
}

interface Window {
  readonly width: number;
  readonly height: number;
}

/** How many pixels the variance is measured on. */
export function normArea({ width, height }: Window): number {
  return (width - 2) * (height - 2);
}

/** Whether the spread of so many pixels is below 2^32 whatever they are: then the kernel has it exactly. */
export function isSpreadWhole(area: number): boolean {
  return (127.5 * area) ** 2 < 2 ** 32;
}

/** The kernel keeps a window's standard deviation times its area as an i16 in this unit: the first that is enough. */
export function sigmaUnit(window: Window): number {
  const largest = normArea(window) * 127.5;
  return [2, 4, 8].find((unit) => largest / unit < 32767) ?? 16;
}

/**
 * The smallest spread (area * sum of squares - sum^2, a whole number) of a window that is not flat, found by asking
 * OpenCV's own question of every half.
 */
export function leastSpread(area: number): number {
  const isSearched = (spread: number) => area * Math.fround(1 / Math.sqrt(spread)) < FLAT_LIMIT;
  let [flat, searched] = [0, 2 ** 40];
  while (searched - flat > 1) {
    const middle = Math.floor((flat + searched) / 2);
    if (isSearched(middle)) searched = middle;
    else flat = middle;
  }
  return searched;
}
