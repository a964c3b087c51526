/** The history of the wall clock: it finds the moment of a time that the clock showed before it was set. */
import { BETWEEN_CLOCKS_MS } from "../async/two_clocks.ts";
import type { Synchronised } from "../face/face.ts";

/** Maximum interval between two readings. A clock that was set is noticed this late. */
export const READING_INTERVAL_MS = 1_000;

/** A larger change between two readings is a set clock; a smaller one is a clock that is slewed. */
const STEP_MS = 500;
/** Maximum number of periods; beyond it the oldest is forgotten. */
const MAX_PERIODS = 100;

/** One reading: the wall clock and the process's monotonic clock at the same instant. */
export interface Reading {
  readonly wallMs: number;
  readonly runMs: number;
  readonly synchronised: Synchronised;
}

/** A period in which nobody set the clock. */
interface Period {
  readonly beginMs: number;
  readonly synchronised: Synchronised;
  /** Wall clock minus monotonic clock. */
  offsetMs: number;
}

/** The readings of one process. */
export class WallHistory {
  readonly #periods: Period[] = [];
  #lastMs = 0;

  /** Adds a reading. Returns whether the clock was set, or its synchronisation changed, since the last one. */
  add({ wallMs, runMs, synchronised }: Reading): boolean {
    const offsetMs = wallMs - runMs;
    const last = this.#periods.at(-1);
    this.#lastMs = runMs;
    if (last?.synchronised === synchronised && Math.abs(offsetMs - last.offsetMs) < STEP_MS) {
      last.offsetMs = offsetMs;
      return false;
    }
    this.#periods.push({ beginMs: runMs, synchronised, offsetMs });
    if (this.#periods.length > MAX_PERIODS) this.#periods.shift();
    return last !== undefined;
  }

  /** The latest moment at which the wall clock showed `wallMs`. Needs at least one reading. */
  at(wallMs: number): Reading {
    let endMs = this.#lastMs;
    for (const { beginMs, offsetMs, synchronised } of this.#periods.toReversed()) {
      const runMs = wallMs - offsetMs;
      // The period may have begun one interval before it was noticed.
      if (runMs >= beginMs - READING_INTERVAL_MS && runMs <= endMs + BETWEEN_CLOCKS_MS) {
        return { wallMs, runMs, synchronised };
      }
      endMs = beginMs;
    }
    // The clock never showed it, or did so in a period that is forgotten.
    const { offsetMs, synchronised } = this.#periods.at(-1)!;
    return { wallMs, runMs: Math.min(this.#lastMs, wallMs - offsetMs), synchronised };
  }
}
