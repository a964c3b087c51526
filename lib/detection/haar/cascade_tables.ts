/** What of the kernel's memory depends on the cascade alone, and the filter's stages that depend on the frame, too. */
import type { Cascade } from "./cascade.ts";
import { inSharingOrder } from "./corner_sharing.ts";
import { exactBytes, writeExactStages } from "./exact_table.ts";
import { growMemory, type Kernel, Room } from "./kernel.ts";
import { lateBytes, PATCH_CORNER_BYTES, writeLateStage } from "./late_table.ts";
import { type FilterStage, filterStage, type Rounding } from "./stage_filter.ts";
import { TableWriter } from "./table_writer.ts";

/** So many stages are generated (stage_code.ts). The others get few windows: tables (kernel/patch.ts). */
const EARLY_STAGES = 7;
/** After so many late stages, what is left of the windows is put together again. */
const LATE_STAGES = 3;
/** What is copied beyond the last corner of a patch, in corners. */
const PATCH_SLACK = 16;

/** Some late stages after one another. */
export interface LateStages {
  /** The first one's table. */
  readonly at: number;
  readonly count: number;
}

export interface CascadeTables {
  readonly cascade: Cascade;
  readonly first: Readonly<Record<Rounding, FilterStage>>;
  readonly early: readonly FilterStage[];
  readonly late: readonly LateStages[];
  /** All stages' exact tables, for a window in a patch. */
  readonly exact: number;
  /** The first free byte of the memory. */
  readonly end: number;
}

/** Writes the tables into the kernel's memory. */
export function writeCascade(kernel: Kernel, cascade: Cascade): CascadeTables {
  const { stages, width, height } = cascade;
  const early = stages.slice(0, EARLY_STAGES).map((_, index) => ordered(filterStage(cascade, index, "mild")));
  const lateStages = stages.slice(EARLY_STAGES);

  const [columns, rows] = [width + 1, height + 1];
  const room = new Room(Number(kernel.firstFree.value));
  const patch = room.take((columns * rows + PATCH_SLACK) * PATCH_CORNER_BYTES);
  const exactAt = room.take(exactBytes(stages));
  const lateAt = room.take(lateBytes(lateStages));
  growMemory(kernel, room.end);
  kernel.placePatch(patch, columns, rows);
  const exactTable = new TableWriter(kernel.memory, exactAt);
  const exact = writeExactStages(exactTable, stages, { stride: columns, plane: 0 }, PATCH_CORNER_BYTES);
  const lateTable = new TableWriter(kernel.memory, lateAt);
  const starts = lateStages.map((_, index) =>
    writeLateStage(lateTable, filterStage(cascade, EARLY_STAGES + index, "mild"), columns)
  );
  const late = Array.from({ length: Math.ceil(starts.length / LATE_STAGES) }, (_, part) => ({
    at: starts[part * LATE_STAGES],
    count: Math.min(LATE_STAGES, starts.length - part * LATE_STAGES),
  }));
  const first = { mild: early[0], strict: ordered(filterStage(cascade, 0, "strict")) };
  return { cascade, first, early: early.slice(1), late, exact, end: room.end };
}

function ordered(stage: FilterStage): FilterStage {
  return { ...stage, stumps: inSharingOrder(stage.stumps) };
}
