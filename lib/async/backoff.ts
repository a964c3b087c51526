/** Delays that double from `firstMs` to `maxMs` with jitter, and start over after a healthy period. */
export class Backoff {
  readonly #firstMs: number;
  readonly #maxMs: number;
  readonly #healthyMs: number;
  #delayMs: number;
  #grantedAtMs = 0;

  constructor({ firstMs = 250, maxMs = 30_000, healthyMs = 60_000 } = {}) {
    this.#firstMs = firstMs;
    this.#maxMs = maxMs;
    this.#healthyMs = healthyMs;
    this.#delayMs = firstMs;
  }

  /** The next delay in milliseconds: between half and all of the current step, so that a hundred boards do not
   * come back in the same instant. */
  next(nowMs: number = performance.now()): number {
    if (nowMs - this.#grantedAtMs > this.#delayMs + this.#healthyMs) this.#delayMs = this.#firstMs;
    const delayMs = this.#delayMs * (0.5 + Math.random() / 2);
    this.#delayMs = Math.min(this.#maxMs, this.#delayMs * 2);
    this.#grantedAtMs = nowMs;
    return delayMs;
  }
}
