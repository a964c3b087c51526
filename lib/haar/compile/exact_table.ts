/** Writes the exact table, which kernel/exact.ts reads: the cascade's stages in OpenCV's own numbers. */
import type { Stage, Stump } from "../cascade/cascade.ts";
import { type Corner, cornerOffset, cornersOf, stripsOf, type TableLayout } from "./corners.ts";
import {
  EXACT_STAGE_BYTES,
  EXACT_STAGE_LENGTH_AT,
  EXACT_STAGE_STUMPS_AT,
  EXACT_STAGE_THRESHOLD_AT,
  EXACT_STUMP_BELOW_AT,
  EXACT_STUMP_BYTES,
  EXACT_STUMP_LENGTH_AT,
  EXACT_STUMP_NOT_BELOW_AT,
  EXACT_STUMP_THRESHOLD_AT,
  STRIP_BYTES,
  STRIP_CORNERS_AT,
  STRIP_WEIGHT_AT,
} from "./layout.ts";
import type { TableWriter } from "./table_writer.ts";

/** Length of the exact table of some stages, in bytes. */
export function exactBytes(stages: readonly Stage[]): number {
  return stages.reduce((sum, stage) => sum + stageBytes(stage), 0);
}

function stageBytes({ stumps }: Stage): number {
  return stumps.reduce((sum, stump) => sum + stumpBytes(stump), EXACT_STAGE_BYTES);
}

function stumpBytes({ rects }: Stump): number {
  return EXACT_STUMP_BYTES + rects.flatMap(stripsOf).length * STRIP_BYTES;
}

/**
 * Writes consecutive stages and returns the address of the first.
 * @param cornerBytes bytes of an element of the table that the offsets point into: the integral image or the patch
 */
export function writeExactStages(
  table: TableWriter,
  stages: readonly Stage[],
  layout: TableLayout,
  cornerBytes: number,
): number {
  table.align(4);
  const start = table.end;
  for (const stage of stages) {
    const at = table.allocate(EXACT_STAGE_BYTES);
    table.int32(at + EXACT_STAGE_LENGTH_AT, stageBytes(stage));
    table.int32(at + EXACT_STAGE_STUMPS_AT, stage.stumps.length);
    table.float32(at + EXACT_STAGE_THRESHOLD_AT, stage.threshold);
    for (const stump of stage.stumps) writeStump(table, stump, layout, cornerBytes);
  }
  return start;
}

function writeStump(table: TableWriter, stump: Stump, layout: TableLayout, cornerBytes: number): void {
  const at = table.allocate(EXACT_STUMP_BYTES);
  table.int32(at + EXACT_STUMP_LENGTH_AT, stumpBytes(stump));
  table.float32(at + EXACT_STUMP_THRESHOLD_AT, stump.threshold);
  table.float32(at + EXACT_STUMP_BELOW_AT, stump.below);
  table.float32(at + EXACT_STUMP_NOT_BELOW_AT, stump.notBelow);
  for (const strip of stump.rects.flatMap(stripsOf)) {
    const stripAt = table.allocate(STRIP_BYTES);
    writeCorners(table, stripAt + STRIP_CORNERS_AT, layout, cornersOf(strip), cornerBytes);
    table.int32(stripAt + STRIP_WEIGHT_AT, strip.weight);
  }
}

/** Writes the offsets of corners (i32 each) at an address. */
export function writeCorners(
  table: TableWriter,
  at: number,
  layout: TableLayout,
  corners: readonly Corner[],
  cornerBytes: number,
): void {
  corners.forEach((corner, nth) => table.int32(at + 4 * nth, cornerOffset(layout, corner) * cornerBytes));
}
