/** Lets work run beside other work, or alone: what comes after work that is to run alone waits for it. */
export class Alone {
  #alone: Promise<unknown> = Promise.resolve();
  readonly #beside = new Set<Promise<unknown>>();

  /** Runs beside others. */
  async beside<T>(work: () => Promise<T>): Promise<T> {
    const running = this.#alone.then(work);
    const settled = running.catch(() => {});
    this.#beside.add(settled);
    try {
      return await running;
    } finally {
      this.#beside.delete(settled);
    }
  }

  /** Runs when all that began before has ended. */
  alone<T>(work: () => Promise<T>): Promise<T> {
    const running = Promise.all([this.#alone, ...this.#beside]).then(work);
    this.#alone = running.catch(() => {});
    return running;
  }
}
