/** Delays between retries: they double from `firstMs` to `maxMs` and restart after a healthy period. */
export class Backoff {
  readonly #firstMs: number;
  readonly #maxMs: number;
  readonly #healthyMs: number;
  #stepMs: number;
  #lastMs = 0;

  /** @param options.healthyMs the steps restart when no delay was requested for this long beyond the last step. */
  constructor({ firstMs = 250, maxMs = 30_000, healthyMs = 60_000 } = {}) {
    this.#firstMs = firstMs;
    this.#maxMs = maxMs;
    this.#healthyMs = healthyMs;
    this.#stepMs = firstMs;
  }

  /**
   * The next delay in milliseconds, at random between half the current step and the whole step. The jitter keeps a
   * hundred boards from reconnecting at the same instant.
   * @param nowMs a monotonic time.
   */
  next(nowMs: number = performance.now()): number {
    if (nowMs - this.#lastMs > this.#stepMs + this.#healthyMs) this.#stepMs = this.#firstMs;
    const delayMs = this.#stepMs * (0.5 + Math.random() / 2);
    this.#stepMs = Math.min(this.#maxMs, this.#stepMs * 2);
    this.#lastMs = nowMs;
    return delayMs;
  }
}
