/** The stored numbers of instructions: what bench:arm and its test compare with. */
import { ARM64_DENO, type Parts } from "../../test/parts.ts";
import { type Costs, costsOfKernels } from "./instruction_count.ts";
import { framesOf } from "./frames.ts";
import type { SearchName } from "./searches.ts";

const FILE = new URL("./instructions.json", import.meta.url);

/** A count may be this share above the stored one. Runs differ by less than a thousandth. */
export const MAX_GROWTH = 0.01;

/** The parts of a count. */
export const PARTS_OF_COUNT = ["qemuPlugins", "compiler", "arm64Deno", "arm64Root"] as const;

/** Instructions of a frame, on the pictures of the project, and the Deno that executed them. */
export interface StoredCounts {
  readonly deno: string;
  readonly instructions: Readonly<Record<SearchName, number>>;
}

export async function storedCounts(): Promise<StoredCounts> {
  return JSON.parse(await Deno.readTextFile(FILE));
}

export async function storeCounts(costs: Costs): Promise<void> {
  const instructions = Object.fromEntries(
    Object.entries(costs).map(([name, { instructions }]) => [name, instructions]),
  );
  await Deno.writeTextFile(FILE, `${JSON.stringify({ deno: ARM64_DENO, instructions }, null, 2)}\n`);
}

/** By which share a count is above the stored one; undefined where there is none. */
export function growthOf(
  costs: Costs,
  stored: StoredCounts | undefined,
  name: SearchName,
): number | undefined {
  const instructions = costs[name]?.instructions;
  return stored && instructions !== undefined ? instructions / stored.instructions[name] - 1 : undefined;
}

/** Counts the instructions of the project's kernels. The parts are {@link PARTS_OF_COUNT}. */
export async function countKernels(
  parts: Pick<Parts, typeof PARTS_OF_COUNT[number]>,
  frames?: Uint8Array<ArrayBuffer>,
): Promise<Costs> {
  const tools = { qemu: parts.qemuPlugins!, compiler: parts.compiler! };
  const arm64 = { deno: parts.arm64Deno!, root: parts.arm64Root! };
  return await costsOfKernels(tools, arm64, frames ?? await framesOf([]));
}
