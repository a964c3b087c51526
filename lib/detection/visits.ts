/**
 * Visits: the detections of one person in successive frames become one visit. Nobody is recognised: a detection belongs
 * to the visit whose last or predicted box overlaps it most. Where a box jumped, or nothing was detected for a while,
 * another person may have taken the place, so the two faces must look similar as well.
 * Tracking by overlap of boxes and constant velocity, after SORT (Bewley et al., 2016), with greedy association.
 */
import type { Box } from "../image/frame.ts";

/** When detections are a visit, and when a visit ends. */
export interface VisitSettings {
  /** A visit is confirmed once it was detected in `confirmHits` of `confirmFrames` successive frames. */
  readonly confirmHits: number;
  readonly confirmFrames: number;
  /** A visit ends after this time without a detection, milliseconds of the source. */
  readonly gapMs: number;
}

/** What the pictures of detections add to their boxes. */
export interface Appearance<T> {
  /** Whether two detections may be the same face. Used where their boxes do not decide it. */
  isSimilar(some: T, other: T): boolean;
  /** Whether a detection is certainly a face. A visit is confirmed only once one of its detections is. */
  isFace(item: T): boolean;
}

/** One detection, with an item of the caller. */
export interface Sighting<T> {
  readonly box: Box;
  /** Its frame's time in the source, milliseconds. */
  readonly sourceTimeMs: number;
  readonly item: T;
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

/** What one frame changed. */
export interface VisitChanges<T> {
  /** Each detection of the frame with its visit, in the order of the boxes. */
  readonly seen: readonly { readonly visit: Visit<T>; readonly sighting: Sighting<T> }[];
  /** Visits that ended, without those that were never confirmed. */
  readonly ended: readonly Visit<T>[];
}

/** Boxes with a smaller overlap are not the same face. */
const MIN_OVERLAP = 0.25;
/** Boxes with at least this overlap, within SURE_MS, are the same face whatever it looks like. */
const SURE_OVERLAP = 0.65;
const SURE_MS = 500;
/** Weight of the newest velocity in the moving average. */
const VELOCITY_WEIGHT = 0.5;
/** Maximum time over which a box is moved on at its velocity. */
const MAX_PREDICTION_MS = 500;

/** A visit that has not ended. */
interface Track<T> {
  number: number;
  confirmed: boolean;
  detections: number;
  first: Sighting<T>;
  last: Sighting<T>;
  isFace: boolean;
  /** The numbers of the last frames with a detection. */
  hits: number[];
  /** Of the box's centre, pixels per millisecond. */
  velocity: { x: number; y: number };
}

/** Assigns detections to visits, frame by frame. */
export class Visits<T> {
  readonly #settings: VisitSettings;
  readonly #appearance: Appearance<T>;
  #tracks: Track<T>[] = [];
  #visits = 0;
  #frame = 0;

  constructor(settings: VisitSettings, appearance: Partial<Appearance<T>> = {}) {
    this.#settings = settings;
    this.#appearance = { isSimilar: () => true, isFace: () => true, ...appearance };
  }

  /** Adds the detections of the next frame, also when there are none. */
  update(sightings: readonly Sighting<T>[], sourceTimeMs: number): VisitChanges<T> {
    this.#frame++;
    const owners = this.#associate(sightings, sourceTimeMs);
    const seen = sightings.map((sighting, index) => {
      const track = owners.get(index) ?? this.#begin(sighting);
      if (owners.has(index)) this.#extend(track, sighting);
      this.#confirm(track);
      return { visit: track, sighting };
    });
    const over = this.#tracks.filter(({ last }) => sourceTimeMs - last.sourceTimeMs > this.#settings.gapMs);
    this.#tracks = this.#tracks.filter((track) => !over.includes(track));
    return { seen, ended: over.filter(({ confirmed }) => confirmed) };
  }

  /** Ends all visits, at the end of the input. */
  flush(): readonly Visit<T>[] {
    return this.#tracks.splice(0).filter(({ confirmed }) => confirmed);
  }

  /** Greedy, by overlap: a detection gets at most one visit, and a visit at most one detection. */
  #associate(sightings: readonly Sighting<T>[], sourceTimeMs: number): Map<number, Track<T>> {
    const pairs = this.#tracks.flatMap((track) => {
      const expected = predicted(track, sourceTimeMs);
      return sightings.map(({ box }, index) => {
        // A person who walked may have stopped since.
        return { track, index, overlap: Math.max(overlap(expected, box), overlap(track.last.box, box)) };
      });
    }).filter(({ overlap }) => overlap >= MIN_OVERLAP).sort((a, b) => b.overlap - a.overlap);
    const owners = new Map<number, Track<T>>();
    const taken = new Set<Track<T>>();
    for (const { track, index, overlap } of pairs) {
      if (owners.has(index) || taken.has(track)) continue;
      const isSure = overlap >= SURE_OVERLAP && sourceTimeMs - track.last.sourceTimeMs <= SURE_MS;
      if (!isSure && !this.#appearance.isSimilar(track.last.item, sightings[index].item)) continue;
      owners.set(index, track);
      taken.add(track);
    }
    return owners;
  }

  #begin(sighting: Sighting<T>): Track<T> {
    const track: Track<T> = {
      number: ++this.#visits,
      confirmed: false,
      isFace: false,
      detections: 1,
      first: sighting,
      last: sighting,
      hits: [this.#frame],
      velocity: { x: 0, y: 0 },
    };
    this.#tracks.push(track);
    return track;
  }

  #extend(track: Track<T>, sighting: Sighting<T>): void {
    const passedMs = Math.max(1, sighting.sourceTimeMs - track.last.sourceTimeMs);
    const [from, to] = [centre(track.last.box), centre(sighting.box)];
    const blend = (old: number, moved: number) => old + VELOCITY_WEIGHT * (moved / passedMs - old);
    track.velocity = {
      x: blend(track.velocity.x, to.x - from.x),
      y: blend(track.velocity.y, to.y - from.y),
    };
    track.last = sighting;
    track.detections++;
    track.hits.push(this.#frame);
  }

  #confirm(track: Track<T>): void {
    const { confirmHits, confirmFrames } = this.#settings;
    track.hits = track.hits.filter((frame) => frame > this.#frame - confirmFrames);
    track.isFace ||= this.#appearance.isFace(track.last.item);
    track.confirmed ||= track.isFace && track.hits.length >= confirmHits;
  }
}

/** The last box, moved on at its velocity. */
function predicted<T>({ last, velocity }: Track<T>, sourceTimeMs: number): Box {
  const passedMs = Math.min(MAX_PREDICTION_MS, sourceTimeMs - last.sourceTimeMs);
  return { ...last.box, x: last.box.x + velocity.x * passedMs, y: last.box.y + velocity.y * passedMs };
}

function centre({ x, y, width, height }: Box): { x: number; y: number } {
  return { x: x + width / 2, y: y + height / 2 };
}

/** Intersection over union, 0..1. */
export function overlap(a: Box, b: Box): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  if (width <= 0 || height <= 0) return 0;
  const both = width * height;
  return both / (a.width * a.height + b.width * b.height - both);
}
