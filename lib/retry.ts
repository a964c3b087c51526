/** Waiting and trying again: every loop of this program that waits for the world waits here. */

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

/** Resolves after `delayMs`, or at once when the signal is aborted. Never rejects: callers look at the signal. */
export function sleep(delayMs: number, { signal }: { signal?: AbortSignal } = {}): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, delayMs);
    signal?.addEventListener("abort", done);
  });
}

/** Settles like `work`, but rejects with the signal's reason as soon as it is aborted. */
export function abortable<T>(work: Promise<T>, { signal }: { signal?: AbortSignal } = {}): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort);
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

/** Resolves when `work` has settled or `limitMs` has passed, whichever is first. */
export async function atMost(limitMs: number, work: Promise<unknown>): Promise<void> {
  const timeout = new AbortController();
  await Promise.race([work.catch(() => {}), sleep(limitMs, timeout)]);
  timeout.abort();
}
