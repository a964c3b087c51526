/** Haar detection by our own kernel: OpenCV's boxes, bit for bit and in OpenCV's order (of one thread). */
import type { Box } from "../../image/frame.ts";
import type { DetectionSettings } from "../face_detector.ts";
import { type Cascade, parseCascade } from "./cascade.ts";
import { type Candidate, clip, type Detection, groupCandidates } from "./grouping.ts";
import { type Kernel, loadKernel } from "./kernel.ts";
import { type LevelPart, liesIn, partOf } from "./level_part.ts";
import { windowSize } from "./levels.ts";
import { roundHalfEven } from "./rounding.ts";
import { type CascadeFilter, filterOf } from "./stage_filter.ts";
import { type PlannedLevel, planSearch, type SearchPlan } from "./search_plan.ts";

/**
 * One detector in the thread that made it: detecting blocks.
 *
 * `detect` is all that one thread needs. Several threads share a frame when each loads it and searches some of its
 * levels; the candidates of all levels, in the order of the levels, are then grouped:
 *
 *     const levels = detector.load(gray, width, height);
 *     const candidates = Array.from({ length: levels }, (_, level) => detector.searchLevel(level)).flat();
 *     const faces = groupCandidates(candidates, minNeighbors, { width, height });
 */
export class HaarDetector {
  readonly #cascade: Cascade;
  readonly #filter: CascadeFilter;
  readonly #settings: DetectionSettings;
  readonly #kernel: Kernel = loadKernel();
  #plan: SearchPlan | undefined;
  #region: Box | undefined;

  /** @param cascade an OpenCV cascade file (XML). Throws a UsageError when it is none, or one of another kind. */
  constructor(cascade: Uint8Array, settings: DetectionSettings) {
    this.#cascade = parseCascade(cascade);
    this.#filter = filterOf(this.#cascade);
    this.#settings = settings;
  }

  /**
   * The faces in a gray plane of `width * height` bytes, in OpenCV's order.
   * @param region where to search, pixels: only windows that lie in it count, of those that a search of the whole plane
   * accepts. A small region takes little time.
   */
  detect(gray: Uint8Array, width: number, height: number, region?: Box): Detection[] {
    const found = this.#searchAll(gray, width, height, region);
    return groupCandidates(found, this.#settings.minNeighbors, { width, height });
  }

  /** Every window the cascade accepts, cut off at the plane's edges, in OpenCV's order: what `detect` groups. */
  candidates(gray: Uint8Array, width: number, height: number, region?: Box): Candidate[] {
    return clip(this.#searchAll(gray, width, height, region), { width, height });
  }

  /** Takes a plane, as `detect` does, and tells how many levels it has: the first is the largest. */
  load(gray: Uint8Array, width: number, height: number, region?: Box): number {
    if (this.#plan?.width !== width || this.#plan.height !== height) {
      this.#plan = planSearch(this.#kernel, this.#cascade, this.#filter, this.#settings, { width, height });
    }
    new Uint8Array(this.#kernel.memory.buffer).set(gray, this.#plan.frame);
    this.#region = region;
    return this.#plan.levels.length;
  }

  /** Every window of one level of the plane that the cascade accepts, not cut off. */
  searchLevel(index: number): Candidate[] {
    const plan = this.#plan!;
    const level = plan.levels[index];
    const region = this.#region;
    const part = partOf(level, this.#cascade, plan, region);
    if (!part) return [];
    const found = this.#searchPart(level, part, plan) ??
      this.#searchPart(level, partOf(level, this.#cascade, plan, region, Infinity)!, plan)!;
    return region ? found.filter((box) => clip([box], plan).some((box) => liesIn(box, region))) : found;
  }

  #searchAll(gray: Uint8Array, width: number, height: number, region?: Box): Candidate[] {
    const levels = this.load(gray, width, height, region);
    return Array.from({ length: levels }, (_, index) => this.searchLevel(index)).flat();
  }

  /** Nothing when the part does not tell which windows are passed over. */
  #searchPart(level: PlannedLevel, part: LevelPart, plan: SearchPlan): Candidate[] | undefined {
    const { scale, step, across, near, down, tables } = level;
    const { left, top, width, height } = part;
    const { stride, plane } = tables.layout;
    this.#kernel.buildLevel(left, top, width, height, across, near, down, stride, plane);
    const count = this.#findWindows(level, part, plan);
    if (count === undefined) return;
    const size = windowSize(this.#cascade, scale);
    const windows = new Uint32Array(this.#kernel.memory.buffer, plan.found, count);
    return Array.from(windows, (window) => {
      const row = Math.floor(window / (stride * step));
      const column = window - row * stride * step;
      const x = roundHalfEven(Math.fround((left + column * step) * scale));
      const y = roundHalfEven(Math.fround((top + row * step) * scale));
      const weight = this.#kernel.sumStage(window, tables.corners, tables.exact[tables.exact.length - 1]);
      return { x, y, ...size, weight };
    });
  }

  /** Searches what was built; returns how many windows the cascade accepts. */
  #findWindows(level: PlannedLevel, part: LevelPart, plan: SearchPlan): number | undefined {
    const kernel = this.#kernel;
    const { left, lead, columns, rows } = part;
    const { tables: { corners, exact, layout }, step, stages } = level;
    const rowLength = layout.stride * step;
    kernel.measureLevel(columns, rows, rowLength, corners);
    for (let row = 0; row < rows; row++) stages.first(row * rowLength, columns);
    let [from, to] = plan.lists;
    let until = kernel.listLevel(left > 0 ? 1 : 0, lead, columns, rows, rowLength, corners, exact[0], from);
    if (until === 0) return;
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
