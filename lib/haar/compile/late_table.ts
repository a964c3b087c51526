/** The late stages of the filter as kernel/patch.ts wants them. */
import type { Stage } from "../cascade/cascade.ts";
import { type FilterStage, SHAPES } from "./stage_filter.ts";
import type { TableWriter } from "./table_writer.ts";

/** A corner of eight windows, bytes: CORNER_BYTES in kernel/patch.ts. */
export const PATCH_CORNER_BYTES = 16;

/** How long the tables of some stages are at most. */
export function lateBytes(stages: readonly Stage[]): number {
  const mostShorts = Math.max(...SHAPES.map(({ weights }) => weights.length)) + 2;
  return stages.reduce((sum, { stumps }) => sum + 2 * (1 + SHAPES.length + stumps.length * mostShorts), 0);
}

/** Writes a stage and returns where it begins: the stumps by their shapes. `columns`: corners in a row of a patch. */
export function writeLateStage(table: TableWriter, { start, stumps }: FilterStage, columns: number): number {
  table.align(2);
  const at = table.end;
  const groups = SHAPES.map((_, shape) => stumps.filter((stump) => stump.shape === shape));
  table.int16(start);
  for (const group of groups) table.int16(group.length);
  for (const { corners, threshold, penalty } of groups.flat()) {
    for (const { x, y } of corners) table.int16((y * columns + x) * PATCH_CORNER_BYTES);
    table.int16(threshold);
    table.int16(penalty);
  }
  return at;
}
