/**
 * bench:kernel: compares the Haar kernel with native OpenCV on one thread and with opencv-wasm, on the same gray
 * frames; then YuNet's kernel with its peers (kernel_yunet.ts).
 * - The contenders take turns. Medians and minimums are printed: a busy neighbour on the same core slows them down
 *   differently.
 * - Native OpenCV holds the frames in a Python process, so that only the search is measured.
 * - Boxes are compared in order, without and with grouping.
 * - kernel_costs.ts measures the other costs: start, modules, memory, and loads per window.
 */
import { parseArgs } from "node:util";
import type { HaarSettings } from "../lib/haar/haar_settings.ts";
import { OpenCvDetector } from "../lib/detection/opencv_detector.ts";
import { HaarDetector } from "../lib/haar/haar_detector.ts";
import { startPool } from "../lib/detection/pool.ts";
import { ConfigError, messageOf } from "../lib/errors.ts";
import { costsOf } from "./costs_of.ts";
import {
  CASCADE,
  type Contender,
  framesToSearch,
  inThisProcess,
  type NamedPlane,
  startNative,
} from "./kernel_contenders.ts";
import { benchYuNet } from "./kernel_yunet.ts";
import { answerBenchHelp, median, numberOf, runBench } from "./run_bench.ts";

const USAGE =
  "deno task bench:kernel [--rounds 9] [--scale-factor 1.1] [--min-neighbors 5] [--min-size 30] [--engine both]";
/** Whose kernels are measured. The flags of the search belong to Haar. */
const ENGINES = ["both", "haar", "yunet"] as const;
type Engine = typeof ENGINES[number];
const WARM_UP_ROUNDS = 5;
/** Each picture is searched this many times in a row, as in a video, so that both workers have the same load. */
const REPEATS = 4;
const COST_SIZES = [[640, 480], [1280, 720], [1920, 1080]] as const;

async function bench(): Promise<boolean> {
  const { rounds, settings, engine } = readFlags();
  const isHaarRight = engine === "yunet" || await benchHaar(rounds, settings);
  return engine === "haar" ? isHaarRight : await benchYuNet(rounds) && isHaarRight;
}

async function benchHaar(rounds: number, settings: HaarSettings): Promise<boolean> {
  const frames = await framesToSearch();
  await using native = await startNative(frames);
  const contenders = [
    inThisProcess("ours", HaarDetector, frames),
    native,
    inThisProcess("wasm", OpenCvDetector, frames),
  ];
  const equal = await compareBoxes(contenders, frames, settings);

  const times: {
    readonly size: string;
    readonly medians: readonly number[];
    readonly minimums: readonly number[];
  }[] = [];
  for (const [index, { name, width, height }] of frames.entries()) {
    const { medians, minimums } = await measure(contenders, index, settings, rounds);
    const size = `${width}x${height}`;
    times.push({ size, medians, minimums });
    console.log(lineOf(`${name} ${size}`, medians));
  }
  const mean = (some: typeof times, figure: "medians" | "minimums" = "medians") =>
    contenders.map((_, nth) => some.reduce((sum, time) => sum + time[figure][nth], 0) / some.length);
  for (const size of new Set(times.map(({ size }) => size))) {
    console.log(lineOf(`mean ${size}`, mean(times.filter((time) => time.size === size))));
  }
  const fastest = mean(times, "minimums");
  console.log(lineOf("mean of the fastest", fastest));
  const twice = await twoWorkers(contenders[1], frames, settings, rounds);
  console.log(
    `${"two workers, a frame each".padEnd(26)} ours ${
      twice.ours.toFixed(2).padStart(6)
    } ms  native, 1 thread ` +
      `${twice.native.toFixed(2).padStart(6)} ms (${(twice.native / twice.ours).toFixed(2)}x)`,
  );
  for (const [width, height] of COST_SIZES) {
    for (const engine of ["haar", "opencv"] as const) {
      console.log(await costsOf(engine, width, height, settings));
    }
  }
  const [ours, native1, wasm] = mean(times);
  console.log(
    `kernel ours_ms=${ours.toFixed(2)} native1_ms=${native1.toFixed(2)} wasm_ms=${wasm.toFixed(2)} ` +
      `ratio_native=${(native1 / ours).toFixed(2)} ratio_wasm=${(wasm / ours).toFixed(2)} ` +
      `ratio_native_fastest=${(fastest[1] / fastest[0]).toFixed(2)} ` +
      `ratio_wasm_fastest=${(fastest[2] / fastest[0]).toFixed(2)} ` +
      `ratio_two_workers=${(twice.native / twice.ours).toFixed(2)} equal=${equal.same}/${equal.compared}`,
  );
  return equal.same === equal.compared;
}

/** Mean times per frame, in turns: the kernel on two workers with a frame each, and native OpenCV on one thread. */
async function twoWorkers(
  native: Contender,
  frames: readonly NamedPlane[],
  settings: HaarSettings,
  rounds: number,
) {
  const options = { ...settings, cascade: await Deno.readFile(CASCADE) };
  await using pool = await startPool({ engine: "haar", options }, { threads: 2 });
  while (pool.threads < 2) await pool.grow();
  // A camera's frames have one size, and a detector plans its search for each new size.
  const sizes = [...new Set(frames.map(({ width }) => width))];
  const searchAll = async () => {
    for (const size of sizes) {
      const same = frames.filter(({ width }) => width === size);
      const search = (some: readonly NamedPlane[]) =>
        Promise.all(some.map((frame) => pool.detect(frame, "all")));
      await search([same[0], same[0]]);
      const startedMs = performance.now();
      await search(same.flatMap((frame) => Array.from({ length: REPEATS }, () => frame)));
      spent += (performance.now() - startedMs) / REPEATS;
    }
  };
  let spent = 0;
  const [ours, natives]: number[][] = [[], []];
  for (let round = 0; round < rounds; round++) {
    spent = 0;
    await searchAll();
    ours.push(spent / frames.length);
    let sum = 0;
    for (const index of frames.keys()) sum += (await native.search(index, settings)).ms;
    natives.push(sum / frames.length);
  }
  return { ours: median(ours), native: median(natives) };
}

function lineOf(what: string, [ours, native1, wasm]: readonly number[]): string {
  return `${what.padEnd(26)} ours ${ours.toFixed(2).padStart(6)} ms  native, 1 thread ` +
    `${native1.toFixed(2).padStart(6)} ms (${(native1 / ours).toFixed(2)}x)  opencv-wasm ` +
    `${wasm.toFixed(2).padStart(6)} ms (${(wasm / ours).toFixed(2)}x)`;
}

function readFlags(): { rounds: number; settings: HaarSettings; engine: Engine } {
  answerBenchHelp(USAGE);
  const options = {
    "rounds": { type: "string", default: "9" },
    "scale-factor": { type: "string", default: "1.1" },
    "min-neighbors": { type: "string", default: "5" },
    "min-size": { type: "string", default: "30" },
    "engine": { type: "string", default: "both" },
  } as const;
  try {
    const { values } = parseArgs({ args: Deno.args, options });
    const engine = ENGINES.find((name) => name === values.engine);
    if (!engine) throw new Error(`--engine is "${values.engine}": should be one of ${ENGINES.join()}`);
    return {
      engine,
      rounds: numberOf("--rounds", values.rounds, 1),
      settings: {
        scaleFactor: numberOf("--scale-factor", values["scale-factor"], 1.01),
        minNeighbors: numberOf("--min-neighbors", values["min-neighbors"], 0),
        minSize: numberOf("--min-size", values["min-size"], 0),
        maxSize: 0,
      },
    };
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError(messageOf(error).split(". ")[0], `run ${USAGE}`);
  }
}

/**
 * Counts the cases in which all contenders find the same boxes in the same order: two settings, with and without
 * grouping.
 */
async function compareBoxes(
  contenders: readonly Contender[],
  frames: readonly NamedPlane[],
  settings: HaarSettings,
) {
  const defaults = { scaleFactor: 1.3, minNeighbors: 5, minSize: 0, maxSize: 0 };
  const sets = [settings, defaults].flatMap((set) => [set, { ...set, minNeighbors: 0 }]);
  let same = 0;
  for (const index of frames.keys()) {
    for (const set of sets) {
      const found: string[] = [];
      for (const contender of contenders) found.push((await contender.search(index, set)).boxes);
      if (found.every((boxes) => boxes === found[0])) same++;
    }
  }
  return { same, compared: frames.length * sets.length };
}

/** Median and minimum milliseconds of each contender for one frame. The contenders take turns. */
async function measure(
  contenders: readonly Contender[],
  frame: number,
  settings: HaarSettings,
  rounds: number,
): Promise<{ readonly medians: number[]; readonly minimums: number[] }> {
  const times = contenders.map((): number[] => []);
  for (let round = -WARM_UP_ROUNDS; round < rounds; round++) {
    for (const [nth, contender] of contenders.entries()) {
      const { ms } = await contender.search(frame, settings);
      if (round >= 0) times[nth].push(ms);
    }
  }
  return { medians: times.map(median), minimums: times.map((some) => Math.min(...some)) };
}

await runBench("kernel", bench);
