/**
 * Haar detection by the project's own kernel: the same boxes as OpenCV on one thread, bit for bit, in the same order. A
 * frame that is smaller than the picture (`reduction`) is searched in two passes, see near_hits.ts.
 */
import { liesIn } from "../image/boxes.ts";
import type { Area, Box, GrayPlane } from "../image/frame.ts";
import { type CascadeTables, writeCascade } from "./compile/cascade_tables.ts";
import { readCascade } from "./compile/compiled_cascade.ts";
import { bandsOf, type LevelPart, partOf } from "./compile/level_part.ts";
import { type PlannedLevel, planSearch, type SearchPlan } from "./compile/search_plan.ts";
import type { HaarSettings } from "./haar_settings.ts";
import { loadKernel } from "./kernel_module.ts";
import { areasAround, areNear } from "./near_hits.ts";
import { type Candidate, clip, type Detection, groupCandidates } from "./opencv/grouping.ts";
import { roundHalfEven } from "./opencv/rounding.ts";

/**
 * A detector for one thread; detecting blocks the thread.
 *
 * `detect` is all that a single thread needs. Several threads share a frame if each loads it and searches some of its
 * levels. The candidates of all levels are then grouped in the order of the levels:
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
  /** Hits of the first pass, by the level of that pass, in this region of the loaded plane. */
  readonly #hits = new Map<PlannedLevel, readonly Candidate[]>();
  #hitsIn: Box | undefined;

  /**
   * @param cascade the bytes of an OpenCV cascade file (XML) or of a compiled cascade. Throws a ConfigError if they are
   * neither, or a cascade that the kernel cannot run.
   */
  constructor(cascade: Uint8Array, settings: HaarSettings) {
    this.#tables = writeCascade(this.#kernel, readCascade(cascade));
    this.#settings = settings;
  }

  /** Size of the kernel's memory, in bytes. */
  get memoryBytes(): number {
    return this.#kernel.memory.buffer.byteLength;
  }

  /**
   * The faces in a plane, in OpenCV's order.
   * @param where regions, in pixels. Of a region, the windows that a search of the whole plane accepts and that lie in
   * the region are grouped. A small region takes little time.
   */
  detect(plane: GrayPlane, where: Area = "all"): Detection[] {
    this.load(plane);
    const regions = where === "all" ? [undefined] : where;
    return regions.flatMap((region) =>
      groupCandidates(this.#searchLevels(region), this.#settings.minNeighbors, plane)
    );
  }

  /** The windows that `detect` groups: all that the cascade accepts, clipped to the plane, in OpenCV's order. */
  candidates(plane: GrayPlane, region?: Box): Candidate[] {
    this.load(plane);
    return clip(this.#searchLevels(region), plane);
  }

  /** Copies a plane into the kernel's memory and returns its number of levels. Level 0 is the largest. */
  load({ gray, limitedRange, width, height }: GrayPlane): number {
    if (this.#plan?.width !== width || this.#plan.height !== height) {
      this.#plan = planSearch(this.#kernel, this.#tables, this.#settings, { width, height });
    }
    this.#hits.clear();
    this.#plan.frame.set(gray);
    if (limitedRange) this.#kernel.stretchFrame();
    return this.#plan.levels.length;
  }

  /** The windows of one level, or of a region of it, that the cascade accepts; not clipped to the plane. */
  searchLevel(index: number, region?: Box): Candidate[] {
    const plan = this.#plan!;
    const level = plan.levels[index];
    if (!level.coarse) return this.#searchWindows(level, region);
    const hits = plan.levels.filter((near) => areNear(near, level)).flatMap((near) =>
      this.#hitsOf(near, region)
    );
    return areasAround(hits, level, plan).flatMap((area) => this.#searchWindows(level, area))
      .filter((box) => !region || this.#liesIn(box, region));
  }

  /** What the first pass finds in a level; remembered, since the second pass over each near level needs it. */
  #hitsOf({ coarse }: PlannedLevel, region: Box | undefined): readonly Candidate[] {
    if (!coarse) return [];
    if (this.#hitsIn !== region) this.#hits.clear();
    this.#hitsIn = region;
    const hits = this.#hits.get(coarse) ?? this.#searchWindows(coarse, region);
    this.#hits.set(coarse, hits);
    return hits;
  }

  #liesIn(box: Box, region: Box): boolean {
    return clip([box], this.#plan!).some((clipped) => liesIn(clipped, region));
  }

  #searchWindows(level: PlannedLevel, region?: Box): Candidate[] {
    const plan = this.#plan!;
    if (!region) return this.#searchBands(level.bands, level, plan)!;
    const search = (fromEdge: boolean) => {
      const part = partOf(level, this.#tables.cascade, plan, region, fromEdge);
      if (!part) return [];
      return this.#searchBands(bandsOf(part, this.#tables.cascade, level.step, level.bandRows), level, plan);
    };
    const found = search(false) ?? search(true)!;
    return found.filter((box) => this.#liesIn(box, region));
  }

  #searchLevels(region: Box | undefined): Candidate[] {
    return this.#plan!.levels.flatMap((_, index) => this.searchLevel(index, region));
  }

  /**
   * Returns undefined if a band's lead does not recover the skip state. A band from the level's left edge needs no
   * lead.
   */
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

  /** Builds and searches a band. Returns the number of accepted windows, or undefined if the skip state is unknown. */
  #findWindows(band: LevelPart, level: PlannedLevel, plan: SearchPlan): number | undefined {
    const kernel = this.#kernel;
    const { left, top, width, height, columns, rows } = band;
    const { step, columnTable, isNear, rowTable, layout } = level;
    const { varianceTable, exactFirst } = layout;
    kernel.setLayout(layout.stride, layout.oddColumns);
    kernel.buildLevel(left, top, width, height, columnTable, isNear, rowTable);
    const rowLength = layout.stride * step;
    kernel.measureLevel(columns, rows, rowLength, varianceTable);
    layout.first(columns, rowLength, rows * rowLength);
    let [from, to] = plan.lists;
    const startsInside = left > 0 ? 1 : 0;
    let until = kernel.listLevel(startsInside, columns, rows, rowLength, varianceTable, exactFirst, from);
    if (until === 0) return;
    for (const stage of layout.early) {
      if (until === from) return 0;
      until = stage(from, until, from);
      until = kernel.compact(from, until, to);
      [from, to] = [to, from];
    }
    const count = kernel.expand(from, until, plan.windows.byteOffset);
    return this.#evaluate(count, varianceTable, plan);
  }

  /** Runs the late stages, then the exact evaluation, on `count` windows of the plan's list. */
  #evaluate(count: number, varianceTable: number, { windows, totals }: SearchPlan): number {
    const { late, exact, cascade } = this.#tables;
    const list = windows.byteOffset;
    for (const stages of late) {
      if (count === 0) return 0;
      count = this.#kernel.passLateStages(list, count, stages.at, stages.count);
    }
    const { stageCount } = cascade;
    return this.#kernel.evaluateExactly(list, count, varianceTable, exact, stageCount, totals.byteOffset);
  }
}

/** The accepted window `nth` of a band, in pixels of the plane. */
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
