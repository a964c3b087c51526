/** Haar detection by our own kernel: OpenCV's boxes, bit for bit and in OpenCV's order (of one thread). */
import type { Box } from "../../image/frame.ts";
import type { DetectionSettings } from "../face_detector.ts";
import { type Cascade, parseCascade } from "./cascade.ts";
import { clipBoxes, groupBoxes } from "./grouping.ts";
import { type Kernel, loadKernel } from "./kernel.ts";
import { windowSize } from "./levels.ts";
import { roundHalfEven } from "./rounding.ts";
import { type CascadeFilter, filterOf } from "./stage_filter.ts";
import { type PlannedLevel, planSearch, type SearchPlan } from "./search_plan.ts";

/** One detector in the thread that made it: detecting blocks. */
export class HaarDetector {
  readonly #cascade: Cascade;
  readonly #filter: CascadeFilter;
  readonly #settings: DetectionSettings;
  readonly #kernel: Kernel = loadKernel();
  #plan: SearchPlan | undefined;

  /** @param cascade an OpenCV cascade file (XML). Throws a UsageError when it is none, or one of another kind. */
  constructor(cascade: Uint8Array, settings: DetectionSettings) {
    this.#cascade = parseCascade(cascade);
    this.#filter = filterOf(this.#cascade);
    this.#settings = settings;
  }

  /** The faces in a gray plane of `width * height` bytes, in OpenCV's order. */
  detect(gray: Uint8Array, width: number, height: number): Box[] {
    const boxes = groupBoxes(this.#search(gray, width, height), this.#settings.minNeighbors);
    return clipBoxes(boxes, width, height);
  }

  /** Every window the cascade accepts, in OpenCV's order: what `detect` groups. */
  candidates(gray: Uint8Array, width: number, height: number): Box[] {
    return clipBoxes(this.#search(gray, width, height), width, height);
  }

  #search(gray: Uint8Array, width: number, height: number): Box[] {
    if (this.#plan?.width !== width || this.#plan.height !== height) {
      this.#plan = planSearch(this.#kernel, this.#cascade, this.#filter, this.#settings, { width, height });
    }
    const plan = this.#plan;
    new Uint8Array(this.#kernel.memory.buffer).set(gray, plan.frame);
    return plan.levels.flatMap((level) => this.#searchLevel(level, plan));
  }

  #searchLevel(level: PlannedLevel, plan: SearchPlan): Box[] {
    const { width, height, scale, step, across, near, down, tables } = level;
    const { stride, plane } = tables.layout;
    this.#kernel.buildLevel(width, height, across, near, down, stride, plane);
    const count = this.#findWindows(level, plan);
    const size = windowSize(this.#cascade, scale);
    const windows = new Uint32Array(this.#kernel.memory.buffer, plan.found, count);
    return Array.from(windows, (window) => {
      const row = Math.floor(window / (stride * step));
      const column = window - row * stride * step;
      const x = roundHalfEven(Math.fround(column * step * scale));
      const y = roundHalfEven(Math.fround(row * step * scale));
      return { x, y, ...size };
    });
  }

  /** Searches the level that was built; returns how many windows the cascade accepts. */
  #findWindows({ step, columns, rows, tables, stages }: PlannedLevel, plan: SearchPlan): number {
    const kernel = this.#kernel;
    const { corners, exact, layout } = tables;
    const rowLength = layout.stride * step;
    kernel.measureLevel(columns, rows, rowLength, corners);
    for (let row = 0; row < rows; row++) stages.first(row * rowLength, columns);
    let [from, to] = plan.lists;
    let until = kernel.listLevel(columns, rows, rowLength, corners, exact[0], from);
    for (const stage of stages.mild) {
      if (until === from) return 0;
      stage(from, until, from);
      until = kernel.closeUp(from, until, to);
      [from, to] = [to, from];
    }
    for (const [index, stage] of stages.strict.entries()) {
      if (until === from) return 0;
      stage(from, until, to);
      kernel.settle(from, until, to, corners, exact[index + 1]);
    }
    return kernel.writeFound(from, until);
  }
}
