/** Writes the variance table, which kernel/variance.ts reads, and how exact its sigma is. */
import { type Corner, cornersOf, stripsOf, type TableLayout } from "./corners.ts";
import { writeCorners } from "./exact_table.ts";
import {
  EDGE_BYTES,
  INTEGRAL_BYTES,
  SQUARES_BYTES,
  VARIANCE_AREA_AT,
  VARIANCE_CORNERS_AT,
  VARIANCE_EDGES_AT,
  VARIANCE_IS_EXACT_AT,
  VARIANCE_MIN_SPREAD_AT,
  VARIANCE_SCALE_AT,
  VARIANCE_STRIPS_AT,
} from "./layout.ts";
import type { TableWriter } from "./table_writer.ts";

/** The size of a cascade's window, in pixels. */
interface Window {
  readonly width: number;
  readonly height: number;
}

/** The kernel reads at least this many strips of a window. */
const MIN_STRIPS = 2;

/** A window is flat if its area divided by the root of its spread is not below this (HaarEvaluator::setWindow). */
const FLAT_LIMIT = 0.1;

/** Length of the variance table, in bytes. */
export function varianceBytes(window: Window): number {
  return VARIANCE_EDGES_AT + stripEdges(window).length * EDGE_BYTES;
}

/** Writes the variance table and returns its address. */
export function writeVarianceTable(table: TableWriter, window: Window, layout: TableLayout): number {
  const at = table.allocate(varianceBytes(window));
  const area = varianceArea(window);
  const isExact = isSpreadExact(area);
  const edges = stripEdges(window);
  writeCorners(table, at + VARIANCE_CORNERS_AT, layout, cornersOf(innerRect(window)), SQUARES_BYTES);
  table.int32(at + VARIANCE_AREA_AT, area);
  table.int32(at + VARIANCE_MIN_SPREAD_AT, minSpread(area));
  // An exact spread is halved before its root is taken.
  table.float32(at + VARIANCE_SCALE_AT, (isExact ? Math.SQRT2 : 1) / sigmaUnit(window));
  table.int32(at + VARIANCE_IS_EXACT_AT, isExact ? 1 : 0);
  table.int32(at + VARIANCE_STRIPS_AT, edges.length - 1);
  edges.forEach((ends, nth) => {
    writeCorners(table, at + VARIANCE_EDGES_AT + nth * EDGE_BYTES, layout, ends, INTEGRAL_BYTES);
  });
  return at;
}

/** OpenCV measures the variance inside the window's outermost pixels. */
function innerRect({ width, height }: Window) {
  return { x: 1, y: 1, width: width - 2, height: height - 2 };
}

/** The left and right ends of the strips' edges: the upper edge of each strip and the lower edge of the last. */
function stripEdges(window: Window): Corner[][] {
  const inner = innerRect(window);
  const end = { ...inner, y: inner.y + inner.height, height: 0 };
  const strips = stripsOf(inner);
  while (strips.length < MIN_STRIPS) strips.push(end);
  return [...strips, end].map((strip) => cornersOf(strip).slice(0, 2));
}

/** Number of pixels on which the variance is measured. */
export function varianceArea({ width, height }: Window): number {
  return (width - 2) * (height - 2);
}

/** Whether the spread of this many pixels is below 2^32 for any pixels. The kernel then computes it exactly. */
export function isSpreadExact(area: number): boolean {
  return (127.5 * area) ** 2 < 2 ** 32;
}

/**
 * The unit in which sigma (standard deviation times area) is kept as an i16: the smallest in which every sigma fits.
 */
export function sigmaUnit(window: Window): number {
  const largest = varianceArea(window) * 127.5;
  return [2, 4, 8].find((unit) => largest / unit < 32767) ?? 16;
}

/**
 * The smallest spread (area * sum of squares - sum^2, a whole number) of a window that is not flat. Found by bisection
 * with OpenCV's own comparison.
 */
export function minSpread(area: number): number {
  const isNotFlat = (spread: number) => area * Math.fround(1 / Math.sqrt(spread)) < FLAT_LIMIT;
  let [flat, notFlat] = [0, 2 ** 40];
  while (notFlat - flat > 1) {
    const middle = Math.floor((flat + notFlat) / 2);
    if (isNotFlat(middle)) notFlat = middle;
    else flat = middle;
  }
  return notFlat;
}
