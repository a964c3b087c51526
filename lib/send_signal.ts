/** Signals for child processes. */

/** Sends a signal. A process that has ended ignores it: Deno throws then, also where its status is not known yet. */
export function sendSignal(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch {
    // It has ended.
  }
}
