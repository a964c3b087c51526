/**
 * Measures the costs of an engine besides the time of a search, in a new process, so that nothing is warm:
 * `kernel_costs.ts start|loads haar|opencv|yunet WIDTH HEIGHT SETTINGS`.
 * - `start`: milliseconds for construction and for the first frame, CPU time of all threads including V8's compilers,
 *   sizes of modules and memories.
 * - `loads`, for the Haar kernel only: number of load instructions per window of the search grid.
 */
import { join } from "node:path";
import process from "node:process";
import type { HaarSettings } from "../lib/haar/haar_settings.ts";
import { countLoads } from "./count_loads.ts";
import { type ModuleSizes, watchModules } from "./watch_modules.ts";

/** The costs of starting with one frame size. */
export interface StartCosts extends ModuleSizes {
  readonly constructMs: number;
  readonly firstFrameMs: number;
  /** CPU time of construction and first frame. */
  readonly cpuMs: number;
}

const PICTURE = join(import.meta.dirname!, "../lib/camera/sample/astronaut.png");
const WINDOW = { width: 24, height: 24 };

const cpuMs = (since?: NodeJS.CpuUsage) => {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000;
};

async function main([what, engine, ...numbers]: readonly string[]): Promise<unknown> {
  const [width, height] = numbers.slice(0, 2).map(Number);
  const settings = JSON.parse(numbers[2]) as HaarSettings;
  const { cropped, readPlane, scaled } = await import("../lib/testing/planes.ts");
  const { levelsOf } = await import("../lib/haar/opencv/pyramid.ts");
  const { shippedCascade } = await import("../lib/haar/shipped_cascade.ts");
  const cascade = shippedCascade(
    "haarcascade_frontalface_default.xml",
    engine === "opencv" ? "xml" : "compiled",
  );
  const part = cropped(await readPlane(PICTURE), 0, 0, 512, Math.round(512 * height / width));
  const plane = scaled(part, width, height);
  // Imported late: countLoads() and watchModules() must see the modules that are compiled meanwhile.
  const construct = async () => {
    if (engine === "yunet") {
      const { YuNetDetector } = await import("../lib/yunet/yunet_detector.ts");
      return new YuNetDetector({ minScore: 0.7 });
    }
    const Detector = engine === "opencv"
      ? (await import("../lib/detection/opencv_detector.ts")).OpenCvDetector
      : (await import("../lib/haar/haar_detector.ts")).HaarDetector;
    return new Detector(cascade, settings);
  };

  if (what === "loads") {
    const loads = countLoads();
    (await construct()).detect(plane);
    const windows = levelsOf({ width, height }, WINDOW, settings)
      .reduce((sum, { columns, rows }) => sum + columns * rows, 0);
    return loads() / windows;
  }
  const sizes = watchModules();
  const before = process.cpuUsage();
  const startedMs = performance.now();
  const detector = await construct();
  const constructMs = performance.now() - startedMs;
  detector.detect(plane);
  const firstFrameMs = performance.now() - startedMs - constructMs;
  return { constructMs, firstFrameMs, cpuMs: cpuMs(before), ...sizes() } satisfies StartCosts;
}

if (import.meta.main) console.log(JSON.stringify(await main(Deno.args)));
