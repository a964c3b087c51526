/** Measures and prints the costs of an engine besides the time of a search (kernel_costs.ts), in new processes. */
import { join } from "node:path";
import type { EngineName } from "../lib/detection/engines.ts";
import type { HaarSettings } from "../lib/haar/haar_settings.ts";
import { LONG, run } from "../lib/testing/command.ts";
import type { StartCosts } from "./kernel_costs.ts";
import { median } from "./run_bench.ts";

const FOLDER = import.meta.dirname!;
const START_ROUNDS = 5;
const NAMES: Readonly<Record<EngineName, string>> = { haar: "ours", opencv: "opencv-wasm", yunet: "yunet" };

/** One line of figures; start times are medians of START_ROUNDS. */
export async function costsOf(
  engine: EngineName,
  width: number,
  height: number,
  settings: HaarSettings,
): Promise<string> {
  const starts: StartCosts[] = [];
  for (let round = 0; round < START_ROUNDS; round++) {
    starts.push(await measureCosts("start", engine, width, height, settings) as StartCosts);
  }
  const middle = (of: (start: StartCosts) => number) => median(starts.map(of)).toFixed(0);
  const [{ moduleBytes, memoryBytes }] = starts;
  const figures = [
    `load and construct ${middle((start) => start.constructMs).padStart(4)} ms`,
    `first frame ${middle((start) => start.firstFrameMs).padStart(4)} ms`,
    `CPU of both ${middle((start) => start.cpuMs).padStart(4)} ms`,
    `modules ${(moduleBytes / 1000).toFixed(0).padStart(4)} kB`,
    `memory ${(memoryBytes / 2 ** 20).toFixed(1).padStart(5)} MB`,
  ];
  if (engine === "haar") {
    const loads = await measureCosts("loads", engine, width, height, settings) as number;
    figures.push(`loads per window ${loads.toFixed(1)}`);
  }
  return `${`costs ${width}x${height}`.padEnd(15)} ${NAMES[engine].padEnd(11)} ${figures.join("  ")}`;
}

async function measureCosts(
  what: "start" | "loads",
  engine: EngineName,
  width: number,
  height: number,
  settings: HaarSettings,
) {
  const script = join(FOLDER, "kernel_costs.ts");
  const args = [what, engine, `${width}`, `${height}`, JSON.stringify(settings)];
  return JSON.parse(await run(Deno.execPath(), ["run", "-A", "--quiet", script, ...args], LONG)) as unknown;
}
