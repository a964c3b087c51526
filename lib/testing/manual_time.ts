/** A monotonic clock that a test moves, and the delays that wait for it. For tests whose work is promises only. */
import { settled } from "./settled.ts";

interface Waiting {
  readonly atMs: number;
  readonly resolve: () => void;
}

export class ManualTime {
  nowMs = 0;
  /** All delays that were asked for, milliseconds. */
  readonly delaysMs: number[] = [];
  readonly #waiting = new Set<Waiting>();

  /** As `delay` of lib/async/delay.ts. */
  readonly delay = (delayMs: number, { signal }: { signal?: AbortSignal } = {}): Promise<void> => {
    if (signal?.aborted) return Promise.resolve();
    this.delaysMs.push(delayMs);
    return new Promise((resolve) => {
      const one = { atMs: this.nowMs + delayMs, resolve: () => done() };
      const done = () => {
        this.#waiting.delete(one);
        signal?.removeEventListener("abort", done);
        resolve();
      };
      this.#waiting.add(one);
      signal?.addEventListener("abort", done);
    });
  };

  /** Moves the clock; each delay ends at its own time. */
  async advance(byMs: number): Promise<void> {
    const endMs = this.nowMs + byMs;
    for (;;) {
      await settled();
      const [next] = [...this.#waiting].sort((one, other) => one.atMs - other.atMs);
      if (!next || next.atMs > endMs) break;
      this.nowMs = next.atMs;
      next.resolve();
    }
    this.nowMs = endMs;
    await settled();
  }
}
