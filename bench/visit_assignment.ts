/** Compares every detection's visit with the known visits of a clip, at several frame rates. */
import type { Detection } from "../lib/detection/engine.ts";
import { looksIn } from "../lib/detection/looks.ts";
import { Visits, type VisitSettings } from "../lib/detection/visits.ts";
import type { Frame } from "../lib/image/frame.ts";
import { type ClipTruth, type TrueVisit, visitAt } from "./truth/truth.ts";
import { personOf } from "./visit_stays.ts";

/** Counts of known visits and of reported ones. */
export interface Assigned {
  /** Known visits, those that are one reported visit of their own, and those that are several. */
  truth: number;
  right: number;
  split: number;
  /** Reported visits of two people or more, and of nobody. */
  merged: number;
  nobody: number;
}

/** Which frames count, by their number and their time in milliseconds since the last one that counted. */
const RATES: Readonly<Record<string, (number: number, passedMs: number) => boolean>> = {
  "all frames": () => true,
  "every third missing": (number) => number % 3 !== 1,
  "5 frames/s": (_, passedMs) => passedMs >= 195,
};

/** The visits of one clip at each rate. */
export class AssignedVisits {
  readonly #trackers;
  #frames = 0;

  constructor(private readonly truth: ClipTruth, settings: VisitSettings) {
    this.#trackers = Object.entries(RATES).map(([rate, counts]) => ({
      rate,
      counts,
      visits: new Visits<TrueVisit | undefined>(settings),
      shown: new Map<number, Set<TrueVisit | undefined>>(),
      confirmed: new Set<number>(),
      lastMs: -Infinity,
    }));
  }

  /** Adds the detections of the clip's next frame. */
  add(frame: Frame, detections: readonly Detection[]): void {
    const { sourceTimeMs } = frame;
    const number = Math.round(sourceTimeMs * this.truth.framesPerSecond / 1000);
    const looksOf = looksIn(frame);
    const sightings = detections.map((box) => {
      return { box, sourceTimeMs, looks: looksOf(box), item: visitAt(this.truth, number, box) };
    });
    for (const tracker of this.#trackers) {
      if (!tracker.counts(this.#frames, sourceTimeMs - tracker.lastMs)) continue;
      tracker.lastMs = sourceTimeMs;
      const { seen, ended } = tracker.visits.update(sightings, sourceTimeMs);
      for (const { visit, sighting } of seen) {
        const shown = tracker.shown.get(visit.number) ?? new Set();
        tracker.shown.set(visit.number, shown.add(sighting.item));
      }
      for (const { number } of ended) tracker.confirmed.add(number);
    }
    this.#frames++;
  }

  /** The counts of each rate, added to those of other clips. Call it once, after the last frame. */
  addTo(all: Map<string, Assigned>): void {
    for (const { rate, visits, shown, confirmed } of this.#trackers) {
      for (const { number } of visits.flush().ended) confirmed.add(number);
      const reported = Array.from(confirmed, (number) => shown.get(number)!);
      const counts = all.get(rate) ?? { truth: 0, right: 0, split: 0, merged: 0, nobody: 0 };
      all.set(rate, counts);
      this.#count(reported, counts);
    }
  }

  #count(reported: readonly ReadonlySet<TrueVisit | undefined>[], counts: Assigned): void {
    const people = (shown: ReadonlySet<TrueVisit | undefined>) =>
      new Set(Array.from(shown).flatMap((visit) => visit ? personOf(visit, this.truth) : []));
    counts.merged += reported.filter((shown) => people(shown).size > 1).length;
    counts.nobody += reported.filter((shown) => people(shown).size === 0).length;
    for (const visit of this.truth.visits) {
      const own = reported.filter((shown) => shown.has(visit));
      counts.truth++;
      if (own.length > 1) counts.split++;
      const isAlone = own.length === 1 && Array.from(own[0]).every((other) => !other || other === visit);
      if (isAlone) counts.right++;
    }
  }
}
