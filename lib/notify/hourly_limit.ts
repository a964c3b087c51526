/** Limits the messages in any 60 minutes. */

const HOUR_MS = 3_600_000;

/** A sliding window over the times of the last messages. All times are monotonic, milliseconds. */
export class HourlyLimit {
  readonly #sentMs: number[] = [];

  constructor(private readonly limit: number) {}

  /** Time until a message may be sent; 0 if one may be sent now. */
  waitMs(nowMs: number): number {
    while (this.#sentMs.length > 0 && this.#sentMs[0] + HOUR_MS <= nowMs) this.#sentMs.shift();
    return this.#sentMs.length < this.limit ? 0 : this.#sentMs[0] + HOUR_MS - nowMs;
  }

  /** Counts a message. */
  sent(nowMs: number): void {
    this.#sentMs.push(nowMs);
  }
}
