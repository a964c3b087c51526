/** A signal that is aborted with the first of several. */

/**
 * In place of AbortSignal.any(): Deno 2.6, which the executables contain, collects such a signal as garbage while only
 * its listeners refer to it, and what waits for it waits forever. A signal with a timeout is not collected.
 *
 * The signals refer to the result until one of them is aborted. So one of them should belong to the work alone, and be
 * aborted at its end.
 */
export function either(...signals: readonly AbortSignal[]): AbortSignal {
  const first = new AbortController();
  for (const signal of signals) {
    const abort = () => first.abort(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true, signal: first.signal });
  }
  return first.signal;
}
