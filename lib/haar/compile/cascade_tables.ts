/** The part of the kernel's memory that depends on the cascade alone. */
import type { CompiledCascade, LateStages } from "./compiled_cascade.ts";
import { BumpAllocator, growMemory } from "../../wasm_memory.ts";
import type { Kernel } from "../kernel_module.ts";
import { PATCH_CORNER_BYTES } from "./layout.ts";

/** Corners that the kernel may write beyond the last one of the patch. */
const PATCH_SLACK = 16;

export interface CascadeTables {
  readonly cascade: CompiledCascade;
  /** The late stages, by address. */
  readonly late: readonly LateStages[];
  /** Address of the exact table, for windows in the patch. */
  readonly exact: number;
  /** The first free byte of the memory. */
  readonly end: number;
}

/** Copies a cascade's tables into the kernel's memory. */
export function writeCascade(kernel: Kernel, cascade: CompiledCascade): CascadeTables {
  const { width, height, lateTable, exactTable } = cascade;
  const [columns, rows] = [width + 1, height + 1];
  const allocator = new BumpAllocator(Number(kernel.firstFree.value));
  const patch = allocator.allocate((columns * rows + PATCH_SLACK) * PATCH_CORNER_BYTES);
  const exact = allocator.allocate(exactTable.length);
  const lateAt = allocator.allocate(lateTable.length);
  growMemory(kernel, allocator.end);
  kernel.setPatch(patch, columns, rows);
  const memory = new Uint8Array(kernel.memory.buffer);
  memory.set(exactTable, exact);
  memory.set(lateTable, lateAt);
  const late = cascade.late.map(({ at, count }) => ({ at: lateAt + at, count }));
  return { cascade, late, exact, end: allocator.end };
}
