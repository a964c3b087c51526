/**
 * Visits: the detections of one person in successive frames become one visit. Nobody is recognised: a detection belongs
 * to the visit that it fits best by place, size and looks (looks.ts), and to none whose person looks different.
 * Tracking by constant velocity after SORT (Bewley et al., 2016), with greedy association.
 */
import { COUNTS, type Standing } from "./outcome.ts";
import { type Sighting, VisitTrack } from "./visit_track.ts";

export type { Sighting } from "./visit_track.ts";

/** When detections are a visit, and when a visit ends. */
export interface VisitSettings {
  /** A visit is confirmed once it was detected in `confirmHits` of `confirmFrames` successive frames. */
  readonly confirmHits: number;
  readonly confirmFrames: number;
  /** A visit ends after this time without a detection, milliseconds of the source. */
  readonly gapMs: number;
}

/** One person's stay in front of the camera. */
export interface Visit<T> {
  /** Counts visits from 1. */
  readonly number: number;
  /** See VisitSettings. */
  readonly confirmed: boolean;
  /** Number of its detections so far. */
  readonly detections: number;
  readonly first: Sighting<T>;
  readonly last: Sighting<T>;
}

/** Visits that ended, and detections that belong to none. */
export interface EndedVisits<T> {
  /** Visits that were confirmed. */
  readonly ended: readonly Visit<T>[];
  /** Visits that were never confirmed, with the reason. */
  readonly lost: readonly { readonly visit: Visit<T>; readonly reason: "unconfirmed" | "no_eyes" }[];
  /** Number of detections that returned to a visit alone: they belong to none. */
  readonly dropped: number;
}

/** What one frame changed. */
export interface VisitChanges<T> extends EndedVisits<T> {
  /**
   * The detections that now belong to a visit, in the order of the boxes. A detection that returns to a visit after a
   * while is missing; it comes before the second one, or never.
   */
  readonly seen: readonly { readonly visit: Visit<T>; readonly sighting: Sighting<T> }[];
}

/**
 * Maximum number of visits at a time. Beyond it visits that are not detected now end: unconfirmed ones first, and of
 * them the one seen longest ago.
 */
export const MAX_VISITS = 100;

/** A visit, and what its confirmation needs. */
interface Candidate<T> {
  readonly track: VisitTrack<T>;
  /** The numbers of the last frames with a detection. */
  hits: number[];
  isFace: boolean;
  /** Whether it would be confirmed, were it certainly a face. */
  isFrequent: boolean;
}

/** Assigns detections to visits, frame by frame. */
export class Visits<T> {
  #open: Candidate<T>[] = [];
  #visits = 0;
  #frame = 0;
  /** The visit of each detection of the last frame, in the order of the sightings. */
  #now: Candidate<T>[] = [];

  /** @param isFace whether a detection is certainly a face: a visit is confirmed only once one of its detections is */
  constructor(
    private readonly settings: VisitSettings,
    private readonly isFace: (item: T) => boolean = () => true,
  ) {}

  /** Adds the detections of the next frame, also when there are none. */
  update(sightings: readonly Sighting<T>[], sourceTimeMs: number): VisitChanges<T> {
    this.#frame++;
    const owners = this.#associate(sightings);
    this.#now = [];
    const seen = sightings.flatMap((sighting, index) => {
      const owner = owners.get(index);
      return owner ? this.#extend(owner, sighting) : this.#begin(sighting);
    });
    const over = this.#takeOver(sourceTimeMs);
    const dropped = this.#open.reduce((sum, { track }) => sum + track.takeDropped(), 0);
    return { seen, ...endOf(over, dropped) };
  }

  /** Number of confirmed visits that have not ended. */
  get confirmed(): number {
    return this.#open.filter(({ track }) => track.confirmed).length;
  }

  /** Ends all visits, at the end of the input. */
  flush(): EndedVisits<T> {
    return endOf(this.#open.splice(0));
  }

  /** What the detections of the last frame are, in the order of its sightings. */
  standings(): Standing[] {
    const { confirmHits: needed, confirmFrames: frames } = this.settings;
    return this.#now.map(({ track, hits, isFace, isFrequent }) => {
      if (track.confirmed) return COUNTS;
      if (isFrequent && !isFace) return { kind: "unsent", reason: "no_eyes" };
      return { kind: "waits", hits: hits.length, needed, frames };
    });
  }

  /** Greedy, the lowest cost first: a detection gets at most one visit, and a visit at most one detection. */
  #associate(sightings: readonly Sighting<T>[]): Map<number, Candidate<T>> {
    const pairs = this.#open.flatMap((candidate) =>
      sightings.flatMap((sighting, index) => {
        const cost = candidate.track.cost(sighting, this.#frame);
        return cost === undefined ? [] : [{ candidate, index, cost }];
      })
    ).sort((a, b) => a.cost - b.cost);
    const owners = new Map<number, Candidate<T>>();
    const taken = new Set<Candidate<T>>();
    for (const { candidate, index } of pairs) {
      if (owners.has(index) || taken.has(candidate)) continue;
      owners.set(index, candidate);
      taken.add(candidate);
    }
    return owners;
  }

  #begin(sighting: Sighting<T>): { visit: Visit<T>; sighting: Sighting<T> }[] {
    const track = new VisitTrack(++this.#visits, sighting, this.#frame);
    const candidate = { track, hits: [], isFace: false, isFrequent: false };
    this.#open.push(candidate);
    this.#now.push(candidate);
    this.#count(candidate, sighting.item, this.#frame);
    return [{ visit: track, sighting }];
  }

  #extend(candidate: Candidate<T>, sighting: Sighting<T>): { visit: Visit<T>; sighting: Sighting<T> }[] {
    const { track } = candidate;
    this.#now.push(candidate);
    // Where one detection confirms a visit, one is enough to return to it.
    const mayReturnAtOnce = this.settings.confirmHits === 1;
    return track.add(sighting, this.#frame, { mayReturnAtOnce }).map(({ sighting, frame }) => {
      this.#count(candidate, sighting.item, frame);
      return { visit: track, sighting };
    });
  }

  #count(candidate: Candidate<T>, item: T, frame: number): void {
    const { confirmHits, confirmFrames } = this.settings;
    candidate.hits = [...candidate.hits, frame].filter((hit) => hit > frame - confirmFrames);
    candidate.isFace ||= this.isFace(item);
    const isFrequent = candidate.hits.length >= confirmHits;
    candidate.isFrequent ||= isFrequent;
    candidate.track.confirmed ||= candidate.isFace && isFrequent;
  }

  #takeOver(sourceTimeMs: number): Candidate<T>[] {
    const { gapMs } = this.settings;
    const over = new Set(this.#open.filter(({ track }) => sourceTimeMs - track.detectedMs > gapMs));
    const excess = this.#open.length - over.size - MAX_VISITS;
    for (const candidate of this.#leastNeeded(sourceTimeMs).slice(0, Math.max(0, excess))) {
      over.add(candidate);
    }
    this.#open = this.#open.filter((candidate) => !over.has(candidate));
    return Array.from(over);
  }

  /** The visits in the order in which they end when there are too many. */
  #leastNeeded(nowMs: number): Candidate<T>[] {
    if (this.#open.length <= MAX_VISITS) return [];
    const isNow = ({ track }: Candidate<T>) => Number(track.detectedMs === nowMs);
    return this.#open.toSorted((a, b) =>
      isNow(a) - isNow(b) || Number(a.track.confirmed) - Number(b.track.confirmed) ||
      a.track.detectedMs - b.track.detectedMs
    );
  }
}

/** @param dropped number of dropped detections of visits that go on */
function endOf<T>(over: readonly Candidate<T>[], dropped = 0): EndedVisits<T> {
  return {
    ended: over.map(({ track }) => track).filter(({ confirmed }) => confirmed),
    lost: over.filter(({ track }) => !track.confirmed).map(({ track, isFace, isFrequent }) => ({
      visit: track,
      reason: isFrequent && !isFace ? "no_eyes" : "unconfirmed",
    })),
    dropped: over.reduce((sum, { track }) => sum + track.takeDropped({ all: true }), dropped),
  };
}
