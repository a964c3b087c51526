/**
 * What our kernel costs besides the time of a search, in a process of its own, so that nothing is warm:
 * `kernel_costs.ts start|loads WIDTH HEIGHT SETTINGS`. `start`: construction and first frame (ms, CPU of all threads
 * with V8's compilers), memory. `loads`: how many load instructions a search executes for each window of its grid.
 */
import { join } from "node:path";
import process from "node:process";
import type { DetectionSettings } from "../lib/detection/face_detector.ts";
import { countLoads } from "./count_loads.ts";

/** Of one size of frame. */
export interface StartCosts {
  readonly constructMs: number;
  readonly firstFrameMs: number;
  /** Of both. */
  readonly cpuMs: number;
  readonly memoryBytes: number;
}

const PICTURE = join(import.meta.dirname!, "../lib/camera/sample/astronaut.png");
const WINDOW = { width: 24, height: 24 };

const cpuMs = (since?: NodeJS.CpuUsage) => {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000;
};

async function main([what, ...numbers]: readonly string[]): Promise<unknown> {
  const [width, height] = numbers.slice(0, 2).map(Number);
  const settings = JSON.parse(numbers[2]) as DetectionSettings;
  const loads = what === "loads" ? countLoads() : undefined;
  // Only now, since the kernel is compiled when it is loaded.
  const { HaarDetector } = await import("../lib/detection/haar/haar_detector.ts");
  const { cropped, readPlane, scaled } = await import("../lib/detection/haar/test_planes.ts");
  const { levelsOf } = await import("../lib/detection/haar/levels.ts");
  const { shippedCascade } = await import("../lib/detection/shipped_cascade.ts");
  const cascade = shippedCascade("haarcascade_frontalface_default.xml", "haarlem");
  const part = cropped(await readPlane(PICTURE), 0, 0, 512, Math.round(512 * height / width));
  const plane = scaled(part, width, height);

  const before = process.cpuUsage();
  const startedMs = performance.now();
  const detector = new HaarDetector(cascade, settings);
  const constructMs = performance.now() - startedMs;
  detector.detect(plane);
  const firstFrameMs = performance.now() - startedMs - constructMs;
  if (!loads) {
    const { memoryBytes } = detector;
    return { constructMs, firstFrameMs, cpuMs: cpuMs(before), memoryBytes } satisfies StartCosts;
  }
  const windows = levelsOf({ width, height }, WINDOW, settings)
    .reduce((sum, { columns, rows }) => sum + columns * rows, 0);
  return loads() / windows;
}

if (import.meta.main) console.log(JSON.stringify(await main(Deno.args)));
