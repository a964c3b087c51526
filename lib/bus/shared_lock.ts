/** A lock that is shared by ordinary work and exclusive for some: work that comes after exclusive work waits for it. */
export class SharedLock {
  #exclusive: Promise<unknown> = Promise.resolve();
  readonly #shared = new Set<Promise<unknown>>();

  /** Runs work beside other shared work. */
  async shared<T>(work: () => Promise<T>): Promise<T> {
    const running = this.#exclusive.then(work);
    const ended = running.catch(() => {});
    this.#shared.add(ended);
    try {
      return await running;
    } finally {
      this.#shared.delete(ended);
    }
  }

  /** Runs work alone, when all work that came before has ended. */
  exclusive<T>(work: () => Promise<T>): Promise<T> {
    const running = Promise.all([this.#exclusive, ...this.#shared]).then(work);
    this.#exclusive = running.catch(() => {});
    return running;
  }
}
