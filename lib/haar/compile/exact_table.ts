/** The cascade as kernel/exact.ts wants it, and kernel/variance.ts: their constants say the same. */
import type { Stage, Stump } from "../cascade/cascade.ts";
import { stripsOf } from "./cells.ts";
import { type Corner, cornerOffset, cornersOf, SUM_BYTES, type TableLayout } from "./corners.ts";
import type { TableWriter } from "./table_writer.ts";

/** A corner in the table of the sums of squares. */
const SQUARE_BYTES = 4;
/** Bytes of a stage, of each of its stumps, and of each of their strips. */
const STAGE_BYTES = 8;
const STUMP_BYTES = 16;
const STRIP_BYTES = 20;
/** Bytes of what is said of the variance, and of each edge in it. */
const NORM_BYTES = 36;
const EDGE_BYTES = 8;

/** The kernel looks at so many strips of a window in any case. */
const LEAST_STRIPS = 2;

/** Below this, `area / standard deviation` of a window, OpenCV searches it (HaarEvaluator::setWindow). */
const FLAT_LIMIT = 0.1;

/** How long the table of some stages is. */
export function exactBytes(stages: readonly Stage[]): number {
  const ofStumps = (stumps: readonly Stump[]) =>
    stumps.reduce((sum, { rects }) => sum + STUMP_BYTES + rects.flatMap(stripsOf).length * STRIP_BYTES, 0);
  return stages.reduce((sum, { stumps }) => sum + STAGE_BYTES + ofStumps(stumps), 0);
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
      const strips = rects.flatMap(stripsOf);
      table.int32(STUMP_BYTES + strips.length * STRIP_BYTES);
      table.float32(threshold);
      table.float32(below);
      table.float32(notBelow);
      for (const strip of strips) {
        writeCorners(table, layout, cornersOf(strip), cornerBytes);
        table.int32(strip.weight);
      }
    }
  }
  return start;
}

/**
 * Writes where the variance is measured, inside the window's outermost pixels: corners in the sums of squares, area, the
 * least spread of a window that is not flat, how much of the root is kept, whether it is the root of half the spread,
 * which is exact, how many strips there are, and both ends of their edges.
 */
export function writeNorm(table: TableWriter, window: Window, layout: TableLayout): number {
  table.align(4);
  const start = table.end;
  writeCorners(table, layout, cornersOf(innerRect(window)), SQUARE_BYTES);
  table.int32(normArea(window));
  table.int32(leastSpread(normArea(window)));
  const isWhole = isSpreadWhole(normArea(window));
  table.float32((isWhole ? Math.SQRT2 : 1) / sigmaUnit(window));
  table.int32(isWhole ? 1 : 0);
  const edges = normEdges(window);
  table.int32(edges.length - 1);
  for (const edge of edges) writeCorners(table, layout, edge, SUM_BYTES);
  return start;
}

/** How long that is. */
export function normBytes(window: Window): number {
  return NORM_BYTES + normEdges(window).length * EDGE_BYTES;
}

function innerRect({ width, height }: Window) {
  return { x: 1, y: 1, width: width - 2, height: height - 2 };
}

/** The ends of the edges of the strips in which the variance is measured: the upper ones of all, and the last one's lower. */
function normEdges(window: Window): Corner[][] {
  const inner = innerRect(window);
  const end = { ...inner, y: inner.y + inner.height, height: 0 };
  const strips = stripsOf(inner);
  while (strips.length < LEAST_STRIPS) strips.push(end);
  return [...strips, end].map((strip) => cornersOf(strip).slice(0, 2));
}

function writeCorners(
  table: TableWriter,
  layout: TableLayout,
  corners: readonly Corner[],
  cornerBytes: number,
): void {
  for (const corner of corners) table.int32(cornerOffset(layout, corner) * cornerBytes);
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
