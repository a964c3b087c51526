/** Counts the instructions that a program for 64-bit ARM executes between its calls of umask(), under qemu-user. */
import { join } from "node:path";
import { LONG, run } from "../../lib/testing/command.ts";
import { inProject } from "../../lib/testing/files.ts";
import { Scratch } from "../scratch.ts";
import { type Found, SEARCHES, type SearchName } from "./searches.ts";

/** Enough for the garbage collector to stay away from one of them. */
const ROUNDS = 3;
/** The processor of a Raspberry Pi 4: the emulated program sees its features. */
const PROCESSOR = "cortex-a72";

/** What a search costs. */
export interface Cost {
  /** Instructions of a frame: the fewest of the rounds. */
  readonly instructions: number;
  readonly boxes: Found["boxes"];
}

export type Costs = Partial<Record<SearchName, Cost>>;

/** The programs that count. */
export interface Tools {
  readonly qemu: string;
  readonly compiler: string;
}

/** Costs of the project's kernels. `deno`: a Deno for aarch64; `root`: a folder with the C libraries for it. */
export async function costsOfKernels(
  tools: Tools,
  { deno, root }: { readonly deno: string; readonly root: string },
  frames: Uint8Array<ArrayBuffer>,
): Promise<Costs> {
  await using scratch = new Scratch();
  const { folder, file } = await withFrames(scratch, frames);
  // Optimises all code before it runs: its number of instructions is the same, and no round is too early.
  const flags = ["--quiet", "--no-check", "--no-lock", "--cached-only", "--v8-flags=--no-liftoff", "-A"];
  const command = [deno, "run", ...flags, inProject("bench/arm/search_frames.ts"), file, `${ROUNDS}`];
  const env = { DENO_DIR: join(folder, "deno"), DENO_NO_UPDATE_CHECK: "1" };
  return await count(tools, root, folder, command, env, ROUNDS);
}

/** Costs of OpenCV. `root`: a Debian 12 for arm64 with python3-opencv. */
export async function costsOfOpenCv(
  tools: Tools,
  root: string,
  cascade: string,
  frames: Uint8Array<ArrayBuffer>,
): Promise<Costs> {
  await using scratch = new Scratch();
  const { folder, file } = await withFrames(scratch, frames);
  const script = inProject("bench/arm/search_frames.py");
  const command = [join(root, "usr/bin/python3"), script, file, cascade, JSON.stringify(SEARCHES)];
  const env = {
    PYTHONHOME: join(root, "usr"),
    PYTHONPATH: join(root, "usr/lib/python3/dist-packages"),
    OPENBLAS_NUM_THREADS: "1",
  };
  return await count(tools, root, folder, command, env, 1);
}

/** A folder with the frames in a file. */
async function withFrames(scratch: Scratch, frames: Uint8Array<ArrayBuffer>) {
  const folder = await scratch.folder();
  const file = join(folder, "frames");
  await Deno.writeFile(file, frames);
  return { folder, file };
}

async function count(
  { qemu, compiler }: Tools,
  root: string,
  folder: string,
  command: readonly string[],
  env: Record<string, string>,
  rounds: number,
): Promise<Costs> {
  const [plugin, log] = [join(folder, "count_instructions.so"), join(folder, "counts")];
  const source = inProject("bench/arm/count_instructions.c");
  await run(compiler, [
    "-O2",
    "-Wall",
    "-shared",
    "-fPIC",
    "-ffreestanding",
    "-nostdlib",
    "-o",
    plugin,
    source,
  ]);
  const options = ["-cpu", PROCESSOR, "-L", root, "-plugin", plugin, "-d", "plugin", "-D", log];
  // QEMU's own environment stays that of this process: `-E` sets variables of the emulated program alone.
  const variables = Object.entries(env).flatMap(([name, value]) => ["-E", `${name}=${value}`]);
  const printed = await run(qemu, [...options, ...variables, ...command], LONG);
  const counts = countsIn(await Deno.readTextFile(log));
  const costs: Costs = {};
  printed.split("\n").map((line) => JSON.parse(line) as Found).forEach(({ name, boxes }, nth) => {
    const marks = counts.slice(nth * (rounds + 1), (nth + 1) * (rounds + 1));
    if (marks.length !== rounds + 1) throw new Error(`no counts of the search ${name} in QEMU's log`);
    const fewest = Math.min(...marks.slice(1).map((mark, index) => mark - marks[index]));
    costs[name] = { instructions: Math.round(fewest / boxes.length), boxes };
  });
  return costs;
}

/** The counts in QEMU's log: `umask NUMBER INSTRUCTIONS`, numbered from 1. */
export function countsIn(log: string): number[] {
  const counts: number[] = [];
  for (const [, number, count] of log.matchAll(/^umask (\d+) (\d+)$/gm)) {
    // The programs themselves call umask() as well, with other numbers.
    if (Number(number) === counts.length + 1) counts.push(Number(count));
  }
  return counts;
}
