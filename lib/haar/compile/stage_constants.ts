/**
 * Writes the numbers that the generated stages load: for each stage its start value, for each stump its threshold and
 * penalty, each as a vector of eight equal values. They depend on the cascade alone.
 */
import type { FilterStage } from "./stage_filter.ts";
import type { TableWriter } from "./table_writer.ts";

/** Bytes of a SIMD vector: eight values of 16 bits. */
export const VECTOR_BYTES = 16;

/** Addresses of a stump's vectors. */
export interface StumpConstants {
  readonly threshold: number;
  readonly penalty: number;
}

/** Addresses of a stage's vectors. */
export interface StageConstants {
  readonly start: number;
  readonly stumps: readonly StumpConstants[];
}

/** Length of the constants of some stages, in bytes. */
export function constantBytes(stages: readonly FilterStage[]): number {
  return stages.reduce((sum, { stumps }) => sum + (2 * stumps.length + 1) * VECTOR_BYTES, 0);
}

/** A stage and where its constants are. */
export interface PlacedStage {
  readonly stage: FilterStage;
  readonly constants: StageConstants;
}

/** Writes the constants of a stage. */
export function placeStage(table: TableWriter, stage: FilterStage): PlacedStage {
  const constants = {
    start: writeVector(table, stage.start),
    stumps: stage.stumps.map(({ threshold, penalty }) => ({
      threshold: writeVector(table, threshold),
      penalty: writeVector(table, penalty),
    })),
  };
  return { stage, constants };
}

function writeVector(table: TableWriter, value: number): number {
  const at = table.allocate(VECTOR_BYTES, VECTOR_BYTES);
  for (let lane = 0; lane < 8; lane++) table.int16(at + 2 * lane, value);
  return at;
}
