/**
 * Visits: the detections of one person in successive frames become one visit. Nothing is learned of who it is: a
 * detection belongs to the visit whose box, where it was or moved on as it moved so far, it covers best. Only where
 * the box jumped or was gone for a while has it to look alike too: somebody else may have taken the place.
 * Tracking by overlap of boxes and constant motion, after the SORT family (Bewley et al., 2016), with greedy matching.
 */
import type { Box } from "../image/frame.ts";

/** When detections are a visit, and how long one lasts. */
export interface VisitSettings {
  /** A visit counts once it was detected in so many … */
  readonly confirmHits: number;
  /** … of so many successive frames. */
  readonly confirmFrames: number;
  /** A visit ends when nothing was detected for so long, in milliseconds of the source. */
  readonly gapMs: number;
}

/** What is seen in the detections themselves. */
export interface Judge<T> {
  /** Whether two detections may be the same face; asked when their boxes do not say so for sure. */
  alike(some: T, other: T): boolean;
  /** Whether a detection is a face for sure; a visit counts once one of its detections is. */
  isFace(item: T): boolean;
}

/** One detection, with whatever the caller wants back with it. */
export interface Sighting<T> {
  readonly box: Box;
  /** When, in milliseconds of the source. */
  readonly sourceTimeMs: number;
  readonly item: T;
}

/** One person's stay before the camera. */
export interface Visit<T> {
  /** Counts visits from 1. */
  readonly number: number;
  /** Whether it was detected often enough to count. */
  readonly confirmed: boolean;
  /** How many detections it stands for. */
  readonly detections: number;
  readonly first: Sighting<T>;
  readonly last: Sighting<T>;
}

/** What one frame changed. */
export interface VisitChanges<T> {
  /** Each detection of the frame with its visit, in the order of the boxes. */
  readonly seen: readonly { readonly visit: Visit<T>; readonly sighting: Sighting<T> }[];
  /** Visits that are over. Those that were never confirmed are left out. */
  readonly ended: readonly Visit<T>[];
}

/** Boxes that cover each other less than this are not the same face. */
const MIN_OVERLAP = 0.25;
/** Boxes that cover each other so much, one soon after the other, are the same face whatever it looks like. */
const SURE_OVERLAP = 0.65;
const SOON_MS = 500;
/** How much the newest motion counts against what was known before. */
const MOTION_WEIGHT = 0.5;
/** Motion is not believed for longer than this. */
const MAX_PREDICTION_MS = 500;

/** A visit that is under way. */
interface Track<T> {
  number: number;
  confirmed: boolean;
  detections: number;
  first: Sighting<T>;
  last: Sighting<T>;
  isFace: boolean;
  /** The numbers of the last frames with a detection. */
  hits: number[];
  /** Of the box's middle, pixels a millisecond. */
  velocity: { x: number; y: number };
}

/** Sorts detections into visits, frame by frame. */
export class Visits<T> {
  readonly #settings: VisitSettings;
  readonly #judge: Judge<T>;
  #tracks: Track<T>[] = [];
  #visits = 0;
  #frame = 0;

  constructor(settings: VisitSettings, judge: Partial<Judge<T>> = {}) {
    this.#settings = settings;
    this.#judge = { alike: () => true, isFace: () => true, ...judge };
  }

  /** Takes the detections of the next frame, which may be none. */
  update(sightings: readonly Sighting<T>[], sourceTimeMs: number): VisitChanges<T> {
    this.#frame++;
    const owners = this.#match(sightings, sourceTimeMs);
    const seen = sightings.map((sighting, index) => {
      const track = owners.get(index) ?? this.#begin(sighting);
      if (owners.has(index)) this.#goOn(track, sighting);
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

  /** The best pairs first: each detection gets at most one visit and each visit at most one detection. */
  #match(sightings: readonly Sighting<T>[], sourceTimeMs: number): Map<number, Track<T>> {
    const pairs = this.#tracks.flatMap((track) => {
      const expected = predicted(track, sourceTimeMs);
      return sightings.map(({ box }, index) => {
        // Whoever walked may have stopped meanwhile.
        return { track, index, overlap: Math.max(overlap(expected, box), overlap(track.last.box, box)) };
      });
    }).filter(({ overlap }) => overlap >= MIN_OVERLAP).sort((a, b) => b.overlap - a.overlap);
    const owners = new Map<number, Track<T>>();
    const taken = new Set<Track<T>>();
    for (const { track, index, overlap } of pairs) {
      if (owners.has(index) || taken.has(track)) continue;
      const isSure = overlap >= SURE_OVERLAP && sourceTimeMs - track.last.sourceTimeMs <= SOON_MS;
      if (!isSure && !this.#judge.alike(track.last.item, sightings[index].item)) continue;
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

  #goOn(track: Track<T>, sighting: Sighting<T>): void {
    const passedMs = Math.max(1, sighting.sourceTimeMs - track.last.sourceTimeMs);
    const [from, to] = [middle(track.last.box), middle(sighting.box)];
    const blend = (old: number, moved: number) => old + MOTION_WEIGHT * (moved / passedMs - old);
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
    track.isFace ||= this.#judge.isFace(track.last.item);
    track.confirmed ||= track.isFace && track.hits.length >= confirmHits;
  }
}

/** Where the face should be now. */
function predicted<T>({ last, velocity }: Track<T>, sourceTimeMs: number): Box {
  const passedMs = Math.min(MAX_PREDICTION_MS, sourceTimeMs - last.sourceTimeMs);
  return { ...last.box, x: last.box.x + velocity.x * passedMs, y: last.box.y + velocity.y * passedMs };
}

function middle({ x, y, width, height }: Box): { x: number; y: number } {
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
