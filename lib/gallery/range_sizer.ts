/**
 * Adapts the length of time ranges to the density of faces, while faces are listed from the newest to the oldest. A range
 * should hold about 1,000 objects, the most that one response of S3 contains.
 *
 * | result of a range                               | next range                                              |
 * |-------------------------------------------------|---------------------------------------------------------|
 * | few faces                                       | four times as long                                      |
 * | many faces                                      | as long                                                 |
 * | over 1,000 objects (dense)                      | the same end, shorter: estimated from the density       |
 * | no faces                                        | all older faces, which are few in most stores           |
 * | no faces, but a dense part is known before it   | half of the way to the dense part                       |
 */

const HOUR_MS = 3_600_000;
const FIRST_MS = HOUR_MS;
const MAX_MS = 365 * 24 * HOUR_MS;
const GROWTH = 4;
/** Ranges with at least this number of faces keep their length. */
const MANY_FACES = 250;
/** Share of the estimated length that is used, since objects are unevenly distributed. */
const ESTIMATE_SHARE = 0.7;

/** Chooses the length of one range after the other. */
export class RangeSizer {
  #ms = FIRST_MS;
  /** Replaces `#ms` for one range. */
  #onceMs?: number;
  /** At least 1,000 objects are older than this and were not listed yet. */
  #denseMs = -Infinity;
  #toMs = 0;
  /** Whether the last range was empty. */
  #isGap = false;
  /** Length of the part of the range that is in the future. */
  #futureMs = 0;
  /** Whether the range is the future part of a dense range. Its faces, usually none, do not predict the density. */
  #isFuture = false;

  /** Whether the last range was empty, so that a dense one may begin with more of the gap. */
  get isGap(): boolean {
    return this.#isGap;
  }

  /** The length of the range that ends at `toMs` and whose last `futureMs` are in the future: at least 1 ms. */
  next(toMs: number, { futureMs }: { futureMs: number }): number {
    this.#toMs = toMs;
    this.#futureMs = futureMs;
    const halfMs = this.#denseMs < toMs ? (toMs - this.#denseMs) / 2 : Infinity;
    const ms = this.#isGap ? halfMs : Math.min(this.#ms + futureMs, halfMs);
    return Math.max(1, Math.floor(this.#onceMs ?? ms));
  }

  /**
   * Records that the range has too many objects: its first 1,000 are older than `endMs`, which is NaN when unknown. The
   * caller lists a shorter range with the same end.
   */
  dense({ fromMs, endMs, toMs }: { fromMs: number; endMs: number; toMs: number }): void {
    const halfMs = (toMs - fromMs) / 2;
    const isKnown = !Number.isNaN(endMs);
    if (isKnown) this.#denseMs = endMs;
    const ms = this.#isGap || !isKnown ? halfMs : Math.min((endMs - fromMs) * ESTIMATE_SHARE, halfMs);
    this.#ms = Math.max(1, ms);
    this.#isFuture = this.#futureMs > 0 && fromMs < toMs - this.#futureMs;
    this.#onceMs = this.#isFuture ? this.#futureMs : ms;
  }

  /**
   * The same after a gap, where the caller knows the time before which the last object lies by less than `minMs`: it
   * lists a range that ends there. The first 1,000 objects lie between `fromMs` and `endMs`, which are NaN when unknown.
   */
  gapSkipped({ fromMs, endMs, minMs }: { fromMs: number; endMs: number; minMs: number }): void {
    this.#isGap = false;
    this.#ms = Math.max(minMs, (endMs - fromMs) * ESTIMATE_SHARE || 0);
  }

  /** Records the number of faces in a range that was listed to its end. The next range ends at its start. */
  listed(faces: number): void {
    this.#onceMs = undefined;
    const wasFuture = this.#isFuture;
    this.#isFuture = false;
    if (wasFuture) return;
    this.#isGap = faces === 0 && this.#denseMs < this.#toMs;
    if (this.#isGap) return;
    this.#denseMs = -Infinity;
    if (faces < MANY_FACES) this.#ms = Math.min(MAX_MS, this.#ms * GROWTH);
  }
}
