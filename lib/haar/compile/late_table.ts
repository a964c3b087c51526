/**
 * Writes the late table, which kernel/late_stages.ts reads: stages of the 16-bit filter, their stumps sorted by shape.
 */
import {
  LATE_CORNER_BYTES,
  LATE_LEAVES_BYTES,
  LATE_STAGE_ALIGNMENT,
  LATE_STAGE_BYTES,
  LATE_STAGE_COUNTS_AT,
  LATE_STAGE_LENGTH_AT,
  LATE_STAGE_START_AT,
  PATCH_CORNER_BYTES,
} from "./layout.ts";
import { type FilterStage, type FilterStump, SHAPES } from "./stage_filter.ts";
import type { TableWriter } from "./table_writer.ts";

/** Length of the late table of some stages, in bytes. */
export function lateBytes(stages: readonly FilterStage[]): number {
  return stages.reduce((sum, stage) => sum + stageBytes(stage), 0);
}

function stageBytes({ stumps }: FilterStage): number {
  const bytes = stumps.reduce((sum, stump) => sum + stumpBytes(stump), LATE_STAGE_BYTES);
  return Math.ceil(bytes / LATE_STAGE_ALIGNMENT) * LATE_STAGE_ALIGNMENT;
}

function stumpBytes({ corners }: FilterStump): number {
  return corners.length * LATE_CORNER_BYTES + LATE_LEAVES_BYTES;
}

/**
 * Writes a stage and returns its address.
 * @param columns corners in a row of the patch
 */
export function writeLateStage(table: TableWriter, stage: FilterStage, columns: number): number {
  const at = table.allocate(LATE_STAGE_BYTES, LATE_STAGE_ALIGNMENT);
  const byShape = SHAPES.map((_, shape) => stage.stumps.filter((stump) => stump.shape === shape));
  table.int32(at + LATE_STAGE_LENGTH_AT, stageBytes(stage));
  table.int16(at + LATE_STAGE_START_AT, stage.start);
  byShape.forEach((stumps, shape) => table.int16(at + LATE_STAGE_COUNTS_AT + 2 * shape, stumps.length));
  for (const stump of byShape.flat()) writeStump(table, stump, columns);
  table.align(LATE_STAGE_ALIGNMENT);
  return at;
}

function writeStump(table: TableWriter, stump: FilterStump, columns: number): void {
  const { corners, threshold, penalty } = stump;
  const at = table.allocate(stumpBytes(stump), 2);
  corners.forEach(({ x, y }, nth) => {
    table.int16(at + nth * LATE_CORNER_BYTES, (y * columns + x) * PATCH_CORNER_BYTES);
  });
  const leaves = at + corners.length * LATE_CORNER_BYTES;
  table.int16(leaves, threshold);
  table.int16(leaves + 2, penalty);
}
