import type { Synchronised } from "../face/face.ts";

/** A time server has usually answered so soon after the boot. */
export const SETTLING_MS = 120_000;

/** One moment, by the clock on the wall and by one that nobody sets. */
export interface Moment {
  /** What the board's clock shows, milliseconds since 1970; right or not. */
  readonly wallMs: number;
  readonly synchronised: Synchronised;
  /** The boot of the board; `run-` and the run of the program where boots cannot be told apart. */
  readonly bootId: string;
  /** Milliseconds since that boot, in steps that nobody disturbs. */
  readonly monotonicMs: number;
  /** Whether a clock that is not synchronised may be so in a moment, because the board has only just started. */
  readonly settling: boolean;
}

/** The board's clock: what it shows, and what that is worth. */
export interface Clock {
  now(): Moment;
  /** The moment, not long ago, at which the clock showed this; also when it was set since. */
  momentOf(wallMs: number): Moment;
}
