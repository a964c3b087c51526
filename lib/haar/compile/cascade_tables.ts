/** The part of the kernel's memory that depends on the cascade alone. */
import type { CompiledCascade, LateStages } from "./compiled_cascade.ts";
import { BumpAllocator, growMemory } from "../../wasm_memory.ts";
import type { Kernel } from "../kernel_module.ts";
import { PATCH_CORNER_BYTES } from "./layout.ts";
import { constantBytes, type PlacedStage, placeStage } from "./stage_constants.ts";
import { TableWriter } from "./table_writer.ts";

/** Corners that the kernel may write beyond the last one of the patch. */
const PATCH_SLACK = 16;

export interface CascadeTables {
  readonly cascade: CompiledCascade;
  /** The first stage with both roundings. */
  readonly first: { readonly lenient: PlacedStage; readonly strict: PlacedStage };
  /** The early stages but the first. */
  readonly early: readonly PlacedStage[];
  /** The late stages, by address. */
  readonly late: readonly LateStages[];
  /** Address of the exact table, for windows in the patch. */
  readonly exact: number;
  /** The first free byte of the memory. */
  readonly end: number;
}

/** Copies a cascade's tables into the kernel's memory. */
export function writeCascade(kernel: Kernel, cascade: CompiledCascade): CascadeTables {
  const { width, height, lateTable, exactTable, early } = cascade;
  const [columns, rows] = [width + 1, height + 1];
  const first = firstStages(cascade);
  const allocator = new BumpAllocator(Number(kernel.firstFree.value));
  // First, since a load instruction of aarch64 holds an address below 64 KiB itself.
  const constantsAt = allocator.allocate(constantBytes([first.lenient, first.strict, ...early]));
  const patch = allocator.allocate((columns * rows + PATCH_SLACK) * PATCH_CORNER_BYTES);
  const exact = allocator.allocate(exactTable.length);
  const lateAt = allocator.allocate(lateTable.length);
  growMemory(kernel, allocator.end);
  kernel.setPatch(patch, columns, rows);
  const memory = new Uint8Array(kernel.memory.buffer);
  memory.set(exactTable, exact);
  memory.set(lateTable, lateAt);
  const late = cascade.late.map(({ at, count }) => ({ at: lateAt + at, count }));
  const table = new TableWriter(kernel.memory.buffer, constantsAt);
  return {
    cascade,
    first: { lenient: placeStage(table, first.lenient), strict: placeStage(table, first.strict) },
    early: early.map((stage) => placeStage(table, stage)),
    late,
    exact,
    end: allocator.end,
  };
}

/** If the two roundings differ in which stumps fit in 16 bits, no window surely passes. */
function firstStages({ first: { lenient, strict } }: CompiledCascade): CompiledCascade["first"] {
  const isComplete = strict.stumps.length === lenient.stumps.length;
  return { lenient, strict: isComplete ? strict : { ...strict, start: -1, stumps: [] } };
}
