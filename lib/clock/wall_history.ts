/** What the clock on the wall has shown when, so that a time from before it was set still means its moment. */
import type { Synchronised } from "../face/face.ts";

/** The clock is looked at so often at least; between two looks it may have been set. */
export const LOOK_MS = 1_000;

/** A clock that was moved by more within one look was set; by less, it is being slowed or hurried along. */
const STEP_MS = 500;
/** Two clocks cannot be read at the very same instant. */
const BETWEEN_READINGS_MS = 50;
/** Setting a clock is rare; what is older than so many settings is not needed any more. */
const MAX_STRETCHES = 100;

/** One look: the wall and the process's own time at the same instant. */
export interface Look {
  readonly wallMs: number;
  readonly runMs: number;
  readonly synchronised: Synchronised;
}

/** A time during which nobody set the clock. */
interface Stretch {
  readonly sinceMs: number;
  readonly synchronised: Synchronised;
  /** Wall minus run. */
  offsetMs: number;
}

/** The looks of one process. */
export class WallHistory {
  readonly #stretches: Stretch[] = [];
  #untilMs = 0;

  /** Takes a look in. Returns whether the clock was set or is synchronised otherwise than before. */
  note({ wallMs, runMs, synchronised }: Look): boolean {
    const offsetMs = wallMs - runMs;
    const last = this.#stretches.at(-1);
    this.#untilMs = runMs;
    if (last?.synchronised === synchronised && Math.abs(offsetMs - last.offsetMs) < STEP_MS) {
      last.offsetMs = offsetMs;
      return false;
    }
    this.#stretches.push({ sinceMs: runMs, synchronised, offsetMs });
    if (this.#stretches.length > MAX_STRETCHES) this.#stretches.shift();
    return last !== undefined;
  }

  /** The latest moment at which the wall showed `wallMs`, after a first look. */
  at(wallMs: number): Look {
    let endMs = this.#untilMs;
    for (const { sinceMs, offsetMs, synchronised } of this.#stretches.toReversed()) {
      const runMs = wallMs - offsetMs;
      // The clock may have been set up to a look before it was noticed.
      if (runMs >= sinceMs - LOOK_MS && runMs <= endMs + BETWEEN_READINGS_MS) {
        return { wallMs, runMs, synchronised };
      }
      endMs = sinceMs;
    }
    // The clock never showed it, or too long ago.
    const { offsetMs, synchronised } = this.#stretches.at(-1)!;
    return { wallMs, runMs: Math.min(this.#untilMs, wallMs - offsetMs), synchronised };
  }
}
