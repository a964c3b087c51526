/**
 * How far back to look at a time, while faces are listed from the newest to the oldest: a stretch should hold about a
 * thousand objects, which is what one answer of S3 holds. Where more lie in it, that tells how dense they are.
 */

const HOUR_MS = 3_600_000;
/** The first stretch; the next is four times as long, and so on. */
const FIRST_MS = HOUR_MS;
const GROWTH = 4;
/** After a stretch of more than these, the next one is as long. */
const MANY_FACES = 250;
const MAX_MS = 365 * 24 * HOUR_MS;
/** Of the time that as many objects took as are wanted, this part is tried: they may lie less evenly. */
const CAREFUL = 0.7;

/** Chooses one stretch after the other. */
export class Span {
  #ms = FIRST_MS;
  /** Instead of `#ms`, for one stretch. */
  #onceMs?: number;
  /** At least a thousand objects lie before this, behind the end of the stretches so far. */
  #crowdedMs = -Infinity;
  #toMs = 0;
  /** Whether nothing was found where much was expected: half-way to where there is much is looked next. */
  #gap = false;
  /** How much of the stretch lies in the future. */
  #futureMs = 0;
  /** Whether the stretch is the future part of a crowded one. Its faces, as a rule none, say nothing of the rest. */
  #isFuture = false;

  /** The length of the stretch that ends at `toMs`, of which `futureMs` have not come yet. Milliseconds, at least 1. */
  before(toMs: number, { futureMs }: { futureMs: number }): number {
    this.#toMs = toMs;
    this.#futureMs = futureMs;
    const halfMs = this.#crowdedMs < toMs ? (toMs - this.#crowdedMs) / 2 : Infinity;
    const ms = this.#gap ? halfMs : Math.min(this.#ms + futureMs, halfMs);
    return Math.max(1, Math.floor(this.#onceMs ?? ms));
  }

  /** The stretch held too much: the first thousand lie before `brokeOffMs`, if that is known. It is chosen again. */
  wasCrowded({ fromMs, brokeOffMs, toMs }: { fromMs: number; brokeOffMs: number; toMs: number }): void {
    const halfMs = (toMs - fromMs) / 2;
    const isTold = !Number.isNaN(brokeOffMs);
    if (isTold) this.#crowdedMs = brokeOffMs;
    const ms = this.#gap || !isTold ? halfMs : Math.min((brokeOffMs - fromMs) * CAREFUL, halfMs);
    this.#ms = Math.max(1, ms);
    this.#isFuture = this.#futureMs > 0 && fromMs < toMs - this.#futureMs;
    this.#onceMs = this.#isFuture ? this.#futureMs : ms;
  }

  /** The stretch held so many faces; the next one ends where it began. */
  held(faces: number): void {
    this.#onceMs = undefined;
    const wasFuture = this.#isFuture;
    this.#isFuture = false;
    if (wasFuture) return;
    this.#gap = faces === 0 && this.#crowdedMs < this.#toMs;
    if (this.#gap) return;
    this.#crowdedMs = -Infinity;
    if (faces < MANY_FACES) this.#ms = Math.min(MAX_MS, this.#ms * GROWTH);
  }
}
