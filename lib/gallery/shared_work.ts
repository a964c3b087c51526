/**
 * The same work for several who ask at once: done once for all of them. Nobody gets a result that began before they
 * asked, since what has changed in between would be missing from it for good.
 */
/** Runs of one key: the one that goes on, and the one after it. */
interface Runs<T> {
  readonly now: Promise<T>;
  next?: Promise<T>;
}

/** Shares work by key and limits how much of it goes on at a time. */
export class SharedWork<T> {
  readonly #runs = new Map<string, Runs<T>>();
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor({ atATime }: { atATime: number }) {
    this.#free = atATime;
  }

  /** The result of `work` begun from now on. */
  do(key: string, work: () => Promise<T>): Promise<T> {
    const runs = this.#runs.get(key);
    if (!runs) return this.#begin(key, work);
    const begin = () => this.#begin(key, work);
    runs.next ??= runs.now.then(begin, begin);
    return runs.next;
  }

  #begin(key: string, work: () => Promise<T>): Promise<T> {
    const now = this.#limited(work);
    const runs: Runs<T> = { now };
    this.#runs.set(key, runs);
    const end = () => this.#runs.get(key) === runs && !runs.next && this.#runs.delete(key);
    now.then(end, end);
    return now;
  }

  async #limited(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free++;
    }
  }
}
