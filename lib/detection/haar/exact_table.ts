/** The cascade as kernel/exact.ts wants it. */
import { cornerOffset, cornersOf, type TableLayout } from "./corners.ts";
import type { Cascade, FeatureRect } from "./cascade.ts";
import type { TableWriter } from "./table_writer.ts";

const SUM_BYTES = 4;

/** Below this, `area / standard deviation` of a window, OpenCV searches it (HaarEvaluator::setWindow). */
const FLAT_LIMIT = 0.1;

/** Writes all stages and returns where each begins. */
export function writeExactStages(table: TableWriter, cascade: Cascade, layout: TableLayout): number[] {
  return cascade.stages.map(({ threshold, stumps }) => {
    const start = table.end;
    table.int32(stumps.length);
    table.float32(threshold);
    for (const { rects, threshold, below, notBelow } of stumps) {
      for (let index = 0; index < 3; index++) {
        const offsets = rects[index] ? byteOffsets(layout, rects[index]) : [0, 0, 0, 0];
        table.int32(...offsets);
      }
      table.int32(...[0, 1, 2].map((index) => rects[index]?.weight ?? 0));
      table.float32(threshold, below, notBelow);
    }
    return start;
  });
}

/** Writes where the variance is measured: inside the window's outermost pixels. */
export function writeNormCorners(table: TableWriter, cascade: Cascade, layout: TableLayout): void {
  const inner = { x: 1, y: 1, width: cascade.width - 2, height: cascade.height - 2 };
  table.align(8);
  const start = table.end;
  table.int32(...byteOffsets(layout, inner));
  table.int32(normArea(cascade), 0);
  if (table.end - start !== 24) throw new RangeError("corners are not where the kernel looks for them");
  table.float64(leastSpread(normArea(cascade)));
}

function byteOffsets(layout: TableLayout, rect: Omit<FeatureRect, "weight">): number[] {
  return cornersOf(rect).map((corner) => cornerOffset(layout, corner) * SUM_BYTES);
}

/** How many pixels the variance is measured on. */
export function normArea({ width, height }: Cascade): number {
  return (width - 2) * (height - 2);
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
