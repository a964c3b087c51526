/** What of the kernel's memory depends on the cascade alone. */
import type { CompiledCascade, LateStages } from "./compiled_cascade.ts";
import { growMemory, type Kernel, Room } from "../kernel_module.ts";
import { PATCH_CORNER_BYTES } from "./late_table.ts";

/** What is copied beyond the last corner of a patch, in corners. */
const PATCH_SLACK = 16;

export interface CascadeTables {
  readonly cascade: CompiledCascade;
  /** Where the late stages' tables are in the memory. */
  readonly late: readonly LateStages[];
  /** All stages' exact tables, for windows in a patch. */
  readonly exact: number;
  /** The first free byte of the memory. */
  readonly end: number;
}

/** Copies the tables into the kernel's memory. */
export function writeCascade(kernel: Kernel, cascade: CompiledCascade): CascadeTables {
  const { width, height, lateTable, exactTable } = cascade;
  const [columns, rows] = [width + 1, height + 1];
  const room = new Room(Number(kernel.firstFree.value));
  const patch = room.take((columns * rows + PATCH_SLACK) * PATCH_CORNER_BYTES);
  const exact = room.take(exactTable.length);
  const lateAt = room.take(lateTable.length);
  growMemory(kernel, room.end);
  kernel.placePatch(patch, columns, rows);
  const memory = new Uint8Array(kernel.memory.buffer);
  memory.set(exactTable, exact);
  memory.set(lateTable, lateAt);
  const late = cascade.late.map(({ at, count }) => ({ at: lateAt + at, count }));
  return { cascade, late, exact, end: room.end };
}
