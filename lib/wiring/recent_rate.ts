/** What a counter, or a histogram, did in the last seconds. The metrics hold the numbers; this keeps readings of them. */

/** Readings beyond this age are forgotten, unless only one other remains. */
const WINDOW_MS = 5_000;

/** One reading: how often something happened so far, and the sum of what was measured each time. */
interface Reading {
  readonly ms: number;
  readonly count: number;
  readonly sum: number;
}

/** Takes readings, and compares the newest with the oldest of the window. */
export class RecentRate {
  readonly #readings: Reading[] = [];

  /** @param reading.ms a monotonic time. */
  read({ ms, count, sum = 0 }: { readonly ms: number; readonly count: number; readonly sum?: number }): void {
    const readings = this.#readings;
    readings.push({ ms, count, sum });
    while (readings.length > 2 && ms - readings[0].ms > WINDOW_MS) readings.shift();
  }

  /** How often it happened per second; undefined with fewer than two readings. */
  get perSecond(): number | undefined {
    const { first, last } = this.#ends;
    return last.ms > first.ms ? (last.count - first.count) * 1000 / (last.ms - first.ms) : undefined;
  }

  /** The mean of what was measured; undefined while nothing happened. */
  get mean(): number | undefined {
    const { first, last } = this.#ends;
    return last.count > first.count ? (last.sum - first.sum) / (last.count - first.count) : undefined;
  }

  get #ends(): { first: Reading; last: Reading } {
    const none = { ms: 0, count: 0, sum: 0 };
    return { first: this.#readings[0] ?? none, last: this.#readings.at(-1) ?? none };
  }
}
