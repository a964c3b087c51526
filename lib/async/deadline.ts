/** A limit of the time that several waits take together. */
import type { delay } from "./delay.ts";

/** Begins when it is made. Disposing it ends its timer. */
export class Deadline implements Disposable {
  readonly #done = new AbortController();
  readonly #end: Promise<void>;
  #isPassed = false;

  constructor(limitMs: number, wait: typeof delay) {
    this.#end = wait(limitMs, this.#done).then(() => {
      this.#isPassed = true;
    });
  }

  get isPassed(): boolean {
    return this.#isPassed;
  }

  /** Waits for `work` or for the end of the time. Rejects when `work` rejects in time; a later failure is ignored. */
  async wait(work: Promise<unknown>): Promise<void> {
    await Promise.race([work, this.#end]);
  }

  [Symbol.dispose](): void {
    this.#done.abort();
  }
}
