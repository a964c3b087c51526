/**
 * bench:arm: counts the instructions that 64-bit ARM executes for a frame, in the kernels and in Debian's OpenCV for arm64,
 * under qemu-user. No board is needed, and counts of two runs differ by less than a thousandth. A count is no time: the
 * two differ in how many instructions they execute in a cycle (docs/PERFORMANCE.md).
 */
import { parseArgs } from "node:util";
import { ConfigError, messageOf } from "../lib/errors.ts";
import { type Costs, costsOfOpenCv } from "./arm/instruction_count.ts";
import { framesOf } from "./arm/frames.ts";
import { rootWithOpenCv } from "./arm/native.ts";
import { SEARCH_NAMES } from "./arm/searches.ts";
import {
  countKernels,
  growthOf,
  MAX_GROWTH,
  PARTS_OF_COUNT,
  storeCounts,
  type StoredCounts,
  storedCounts,
} from "./arm/stored_counts.ts";
import { CASCADE } from "./kernel_contenders.ts";
import { answerBenchHelp, givenFile, partsWith, runBench } from "./run_bench.ts";

const USAGE = "deno task bench:arm [--store] [--no-native] [PICTURE PICTURE PICTURE]";

async function bench(): Promise<boolean> {
  const { store, native, pictures } = readFlags();
  const parts = partsWith(...PARTS_OF_COUNT);
  const frames = await framesOf(pictures.map((path) => givenFile(path, "a PNG picture")));
  const ours = await countKernels(parts, frames);
  const root = native ? await rootWithOpenCv() : undefined;
  const tools = { qemu: parts.qemuPlugins, compiler: parts.compiler };
  const theirs = root ? await costsOfOpenCv(tools, root, CASCADE, frames) : {};
  if (native && !root) console.log("OpenCV is left out: it needs debootstrap, run as root");
  if (store) await storeCounts(ours);
  return report(ours, theirs, pictures.length === 0 ? await storedCounts() : undefined);
}

/** Prints a line for each search and one for programs. Returns whether no count has grown and all boxes are equal. */
function report(ours: Costs, theirs: Costs, stored: StoredCounts | undefined): boolean {
  const fields: string[] = [];
  let isRight = true;
  for (const name of SEARCH_NAMES) {
    const { instructions, boxes } = ours[name]!;
    const native = theirs[name];
    const growth = growthOf(ours, stored, name);
    const isEqual = !native || JSON.stringify(native.boxes) === JSON.stringify(boxes);
    const isGrown = growth !== undefined && growth > MAX_GROWTH;
    if (!isEqual || isGrown) isRight = false;
    const besides = [
      native &&
      `native ${millions(native.instructions)} M (${(native.instructions / instructions).toFixed(2)}x)`,
      native && (isEqual ? "boxes equal" : "boxes DIFFER"),
      growth !== undefined && `stored ${growth < 0 ? "" : "+"}${(growth * 100).toFixed(2)} %`,
      isGrown && "GROWN",
    ];
    console.log(
      [`${name.padEnd(14)} ours ${millions(instructions)} M`, ...besides.filter(Boolean)].join("  "),
    );
    fields.push(`${name}=${millions(instructions)}`);
    if (native) fields.push(`native_${name}=${millions(native.instructions)}`);
  }
  console.log(`arm ${fields.join(" ")}`);
  return isRight;
}

const millions = (count: number) => (count / 1e6).toFixed(1);

function readFlags() {
  answerBenchHelp(USAGE);
  const options = {
    "store": { type: "boolean", default: false },
    "native": { type: "boolean", default: true },
  } as const;
  try {
    const { values, positionals } = parseArgs({
      args: Deno.args,
      options,
      allowPositionals: true,
      allowNegative: true,
    });
    if (positionals.length !== 0 && positionals.length !== 3) {
      throw new Error(`${positionals.length} pictures are given: should be none or three`);
    }
    if (values.store && positionals.length > 0) throw new Error("--store is for the pictures of the project");
    return { ...values, pictures: positionals };
  } catch (error) {
    throw new ConfigError(messageOf(error).split(". ")[0], `run ${USAGE}`);
  }
}

await runBench("arm", bench);
