/** Waiting with a limit and with a signal. */
import { startLimit } from "./limit.ts";

/** Resolves after `delayMs`, or at once when the signal is aborted. Never rejects: the caller checks the signal. */
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

/** Settles like `work`, or rejects with the signal's reason as soon as the signal is aborted. */
export function abortable<T>(work: Promise<T>, { signal }: { signal?: AbortSignal } = {}): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort);
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

/**
 * The result of `work`; undefined when `work` fails or `limitMs` passes first, in which this program runs. Never rejects
 * and cancels nothing.
 */
export async function atMost<T>(limitMs: number, work: Promise<T>): Promise<T | undefined> {
  const limit = Promise.withResolvers<undefined>();
  const cancel = startLimit(limitMs, () => limit.resolve(undefined));
  try {
    return await Promise.race([work.catch(() => undefined), limit.promise]);
  } finally {
    cancel();
  }
}
