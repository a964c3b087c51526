/** The wall clock and a monotonic clock at the same instant. */

/** Two readings cannot be at one instant: what they may be apart, milliseconds. */
export const BETWEEN_CLOCKS_MS = 50;
/** On a machine where that does not succeed the last readings count. */
const MAX_ATTEMPTS = 5;

/** Times in milliseconds. */
export interface Clocks {
  readonly wallMs: () => number;
  readonly runMs: () => number;
}

/** Reads both clocks, again where the program stood still in between: the wall clock would seem to be set. */
export function readBoth({ wallMs, runMs }: Clocks): { readonly wallMs: number; readonly runMs: number } {
  let beforeMs = runMs();
  for (let attempt = 1;; attempt++) {
    const both = { wallMs: wallMs(), runMs: runMs() };
    if (both.runMs - beforeMs <= BETWEEN_CLOCKS_MS || attempt === MAX_ATTEMPTS) return both;
    beforeMs = both.runMs;
  }
}
