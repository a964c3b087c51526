/** One visit while it lasts: its last place, its motion and its looks, and which detections may belong to it. */
import { centre, distance, sizeRatio } from "../image/boxes.ts";
import type { Box, Point } from "../image/frame.ts";
import type { Looks } from "./looks.ts";
import { awayReach, pairCost, reach } from "./pair_cost.ts";
import { VisitLooks } from "./same_looks.ts";

/** One detection, with an item of the caller. */
export interface Sighting<T> {
  readonly box: Box;
  /** Its frame's time in the source, milliseconds. */
  readonly sourceTimeMs: number;
  readonly looks: Looks;
  readonly item: T;
}

/** A sighting and its frame, counted by the tracker. */
interface Seen<T> {
  readonly sighting: Sighting<T>;
  readonly frame: number;
}

/** Maximum ratio of their sizes at once, and more per second in the first second. */
const [MAX_RATIO, RATIO_PER_SECOND] = [1.5, 0.5];
/** Weight of the newest velocity in the moving average. */
const VELOCITY_WEIGHT = 0.5;
/** Maximum time over which a box is moved on at its velocity. */
const MAX_PREDICTION_MS = 500;

/**
 * A visit not detected for this long, and in this many frames, was left. A detection then returns to it only with a
 * second one within this time or this many frames: a single false box would revive the visit of somebody who is gone.
 */
const AWAY_MS = 500;
const AWAY_FRAMES = 2;
/** Maximum number of detections that wait for their second one. */
const MAX_HELD = 4;

/** A visit that has not ended; to the caller it is a Visit. */
export class VisitTrack<T> {
  confirmed = false;
  detections = 0;
  first: Sighting<T>;
  last: Sighting<T>;
  /** Time of the last detection, held ones included, milliseconds of the source. */
  detectedMs: number;
  readonly #looks: VisitLooks;
  #lastFrame: number;
  /** Of the box's centre, pixels per millisecond. */
  #velocity: Point = { x: 0, y: 0 };
  /** Detections since the visit was left. They count once a second one follows. */
  #held: Seen<T>[] = [];
  /** Held detections that no second one followed. */
  #dropped = 0;

  constructor(readonly number: number, first: Sighting<T>, frame: number) {
    this.first = first;
    this.last = first;
    this.detectedMs = first.sourceTimeMs;
    this.#lastFrame = frame;
    this.#looks = new VisitLooks(first.looks);
    this.detections = 1;
  }

  /** How badly a detection of this frame fits this visit; undefined when it cannot belong to it. */
  cost(sighting: Sighting<T>, frame: number): number | undefined {
    const { last } = this;
    const passedMs = sighting.sourceTimeMs - last.sourceTimeMs;
    // A person who walked may have stopped since.
    const apart = Math.min(
      distance(last.box, sighting.box),
      distance(this.#predicted(sighting.sourceTimeMs), sighting.box),
    );
    return pairCost({
      ratio: sizeRatio(last.box, sighting.box),
      maxRatio: MAX_RATIO + RATIO_PER_SECOND * Math.min(1, passedMs / 1000),
      apart,
      maxApart: this.#isAway(sighting, frame) ? awayReach(passedMs) : reach(passedMs),
      difference: () => this.#looks.differenceFrom(sighting.looks),
    });
  }

  /**
   * Adds a detection that fits. Returns the detections that belong to the visit from now on, in their order: usually
   * this one, none while it is held, and two when it brings back the one before it.
   */
  add(sighting: Sighting<T>, frame: number, { mayReturnAtOnce }: { mayReturnAtOnce: boolean }): Seen<T>[] {
    const seen = { sighting, frame };
    this.detectedMs = sighting.sourceTimeMs;
    if (this.#isAway(sighting, frame) && !mayReturnAtOnce) {
      const recent = this.#held.filter((held) => isRecent(held, seen)).slice(1 - MAX_HELD);
      this.#dropped += this.#held.length - recent.length;
      this.#held = recent;
      const before = this.#held.findLast((held) => isNear(held.sighting, sighting));
      if (!before) {
        this.#held.push(seen);
        return [];
      }
      this.#dropped += this.#held.length - 1;
      this.#extend(before);
      this.#extend(seen);
      return [before, seen];
    }
    this.#extend(seen);
    return [seen];
  }

  /** Takes the number of held detections that no second one followed; with `all`, those held now as well. */
  takeDropped({ all = false } = {}): number {
    const dropped = this.#dropped + (all ? this.#held.length : 0);
    this.#dropped = 0;
    if (all) this.#held = [];
    return dropped;
  }

  #isAway({ sourceTimeMs }: Sighting<T>, frame: number): boolean {
    return sourceTimeMs - this.last.sourceTimeMs >= AWAY_MS && frame - this.#lastFrame > AWAY_FRAMES;
  }

  #extend({ sighting, frame }: Seen<T>): void {
    const passedMs = Math.max(1, sighting.sourceTimeMs - this.last.sourceTimeMs);
    const [from, to] = [centre(this.last.box), centre(sighting.box)];
    const blend = (old: number, moved: number) => old + VELOCITY_WEIGHT * (moved / passedMs - old);
    this.#velocity = {
      x: blend(this.#velocity.x, to.x - from.x),
      y: blend(this.#velocity.y, to.y - from.y),
    };
    this.#looks.update(sighting.looks);
    this.last = sighting;
    this.#lastFrame = frame;
    this.#held = [];
    this.detections++;
  }

  /** The last box, moved on at its velocity. */
  #predicted(sourceTimeMs: number): Box {
    const { box } = this.last;
    const passedMs = Math.min(MAX_PREDICTION_MS, sourceTimeMs - this.last.sourceTimeMs);
    return { ...box, x: box.x + this.#velocity.x * passedMs, y: box.y + this.#velocity.y * passedMs };
  }
}

function isRecent<T>(held: Seen<T>, now: Seen<T>): boolean {
  return now.sighting.sourceTimeMs - held.sighting.sourceTimeMs <= AWAY_MS ||
    now.frame - held.frame <= AWAY_FRAMES;
}

function isNear<T>(before: Sighting<T>, { box, sourceTimeMs }: Sighting<T>): boolean {
  const passedMs = sourceTimeMs - before.sourceTimeMs;
  return distance(before.box, box) <= reach(passedMs) && sizeRatio(before.box, box) <= MAX_RATIO;
}
