/** Haar detection by our own kernel: OpenCV's boxes, bit for bit and in OpenCV's order (of one thread). */
import type { Area, Box, GrayPlane } from "../image/frame.ts";
import { type CascadeTables, writeCascade } from "./compile/cascade_tables.ts";
import { readCascade } from "./compile/compiled_cascade.ts";
import { type Candidate, clip, type Detection, groupCandidates } from "./opencv/grouping.ts";
import { loadKernel } from "./kernel_module.ts";
import type { HaarSettings } from "./haar_settings.ts";
import { bandsOf, type LevelPart, liesIn, partOf } from "./compile/level_part.ts";
import { roundHalfEven } from "./opencv/rounding.ts";
import { type PlannedLevel, planSearch, type SearchPlan } from "./compile/search_plan.ts";

/**
 * One detector in the thread that made it: detecting blocks.
 *
 * `detect` is all that one thread needs. Several threads share a frame when each loads it and searches some of its
 * levels; the candidates of all levels, in the order of the levels, are then grouped:
 *
 *     const levels = detector.load(plane);
 *     const candidates = Array.from({ length: levels }, (_, level) => detector.searchLevel(level)).flat();
 *     const faces = groupCandidates(candidates, minNeighbors, plane);
 */
export class HaarDetector {
  readonly #kernel = loadKernel();
  readonly #tables: CascadeTables;
  readonly #settings: HaarSettings;
  #plan: SearchPlan | undefined;

  /**
   * @param cascade an OpenCV cascade file (XML), or a compiled one. Throws a ConfigError when it is none, or one of
   * another kind.
   */
  constructor(cascade: Uint8Array, settings: HaarSettings) {
    this.#tables = writeCascade(this.#kernel, readCascade(cascade));
    this.#settings = settings;
  }

  /** How much memory the search takes, bytes. */
  get memoryBytes(): number {
    return this.#kernel.memory.buffer.byteLength;
  }

  /**
   * The faces in a plane, in OpenCV's order.
   * @param where of a region, pixels, only windows that lie in it count, of those that a search of the whole plane
   * accepts. A small region takes little time.
   */
  detect(plane: GrayPlane, where: Area = "all"): Detection[] {
    this.load(plane);
    const regions = where === "all" ? [undefined] : where;
    return regions.flatMap((region) =>
      groupCandidates(this.#searchLevels(region), this.#settings.minNeighbors, plane)
    );
  }

  /** Every window the cascade accepts, cut off at the plane's edges, in OpenCV's order: what `detect` groups. */
  candidates(plane: GrayPlane, region?: Box): Candidate[] {
    this.load(plane);
    return clip(this.#searchLevels(region), plane);
  }

  /** Takes a plane, as `detect` does, and tells how many levels it has: the first is the largest. */
  load({ gray, limitedRange, width, height }: GrayPlane): number {
    if (this.#plan?.width !== width || this.#plan.height !== height) {
      this.#plan = planSearch(this.#kernel, this.#tables, this.#settings, { width, height });
    }
    this.#plan.frame.set(gray);
    if (limitedRange) this.#kernel.stretchFrame();
    return this.#plan.levels.length;
  }

  /** Every window of one level of the plane, or of a region of it, that the cascade accepts, not cut off. */
  searchLevel(index: number, region?: Box): Candidate[] {
    const plan = this.#plan!;
    const level = plan.levels[index];
    if (!region) return this.#searchBands(level.bands, level, plan)!;
    const search = (fromEdge: boolean) => {
      const part = partOf(level, this.#tables.cascade, plan, region, fromEdge);
      if (!part) return [];
      return this.#searchBands(bandsOf(part, this.#tables.cascade, level.step, level.bandRows), level, plan);
    };
    const found = search(false) ?? search(true)!;
    return found.filter((box) => clip([box], plan).some((box) => liesIn(box, region)));
  }

  #searchLevels(region: Box | undefined): Candidate[] {
    return this.#plan!.levels.flatMap((_, index) => this.searchLevel(index, region));
  }

  /** Nothing when a band does not tell which windows are passed over; one from the level's left edge does. */
  #searchBands(
    bands: readonly LevelPart[],
    level: PlannedLevel,
    plan: SearchPlan,
  ): Candidate[] | undefined {
    const found: Candidate[] = [];
    for (const band of bands) {
      const count = this.#findWindows(band, level, plan);
      if (count === undefined) return;
      for (let nth = 0; nth < count; nth++) found.push(candidateOf(nth, band, level, plan));
    }
    return found;
  }

  /** Builds and searches a band; returns how many windows the cascade accepts. */
  #findWindows(band: LevelPart, level: PlannedLevel, plan: SearchPlan): number | undefined {
    const kernel = this.#kernel;
    const { left, top, width, height, columns, rows } = band;
    const { step, across, near, down, layout } = level;
    kernel.layOut(layout.stride, layout.plane);
    kernel.buildLevel(left, top, width, height, across, near, down);
    const rowLength = layout.stride * step;
    kernel.measureLevel(columns, rows, rowLength, layout.norm);
    layout.first(columns, rowLength, rows * rowLength);
    let [from, to] = plan.lists;
    const inside = left > 0 ? 1 : 0;
    let until = kernel.listLevel(inside, columns, rows, rowLength, layout.norm, layout.exactFirst, from);
    if (until === 0) return;
    for (const stage of layout.early) {
      if (until === from) return 0;
      until = stage(from, until, from);
      until = kernel.closeUp(from, until, to);
      [from, to] = [to, from];
    }
    return this.#judge(kernel.spreadOut(from, until, plan.windows.byteOffset), layout.norm, plan);
  }

  /** Asks the late stages, then the exact ones, about so many windows of the plan's list. */
  #judge(count: number, norm: number, { windows, totals }: SearchPlan): number {
    const { late, exact, cascade } = this.#tables;
    for (const stages of late) {
      if (count === 0) return 0;
      count = this.#kernel.passLate(windows.byteOffset, count, stages.at, stages.count);
    }
    return this.#kernel.judge(
      windows.byteOffset,
      count,
      norm,
      exact,
      cascade.stageCount,
      totals.byteOffset,
    );
  }
}

/** Where a window of the plan's list is in the plane. */
function candidateOf(
  nth: number,
  { left, top }: LevelPart,
  { scale, step, layout, window }: PlannedLevel,
  { windows, totals }: SearchPlan,
): Candidate {
  const rowLength = layout.stride * step;
  const row = Math.floor(windows[nth] / rowLength);
  const column = windows[nth] - row * rowLength;
  return {
    x: roundHalfEven(Math.fround((left + column * step) * scale)),
    y: roundHalfEven(Math.fround((top + row * step) * scale)),
    width: window.width,
    height: window.height,
    weight: totals[nth],
  };
}
