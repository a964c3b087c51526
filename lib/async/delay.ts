/** Resolves after `delayMs`, or at once when the signal is aborted. Never rejects: callers look at the signal. */
export function delay(delayMs: number, { signal }: { signal?: AbortSignal } = {}): Promise<void> {
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
  await Promise.race([work.catch(() => {}), delay(limitMs, timeout)]);
  timeout.abort();
}
