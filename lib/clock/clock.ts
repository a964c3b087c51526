/** The interface of the board's clock, and the moments that it gives. */
import type { Synchronised } from "../face/face.ts";

/** For this long after the boot a time server may not have answered yet. */
export const SETTLING_MS = 120_000;

/** One moment, by the wall clock and by a clock that nobody sets. */
export interface Moment {
  /** What the wall clock showed, milliseconds since 1970; right or wrong. */
  readonly wallMs: number;
  /** Whether a time server kept the wall clock right. */
  readonly synchronised: Synchronised;
  /** The boot of the board. Where boots cannot be told apart: `run-` and an id of this run of the program. */
  readonly bootId: string;
  /** Milliseconds since that boot. Setting the wall clock does not change them. */
  readonly monotonicMs: number;
  /** Whether the wall clock is not synchronised but may soon be, since the board has only just started. */
  readonly settling: boolean;
}

/** The board's clock. */
export interface Clock {
  now(): Moment;
  /** The latest moment at which the wall clock showed this time, also when the clock was set since. */
  momentOf(wallMs: number): Moment;
}
