/**
 * Runs the same work once for all callers that request it concurrently. A caller never gets the result of a run that
 * started before its request, since that result would lack what has changed since then.
 */

/** Runs with the same key: the current one and the one after it. */
interface Runs<T> {
  readonly current: Promise<T>;
  next?: Promise<T>;
}

/** Shares work by key and limits the number of concurrent runs. */
export class SharedWork<T> {
  readonly #runs = new Map<string, Runs<T>>();
  readonly #waiting: (() => void)[] = [];
  #free: number;

  /** @param options.maxConcurrent maximum number of concurrent runs of all keys; further runs wait. */
  constructor({ maxConcurrent }: { maxConcurrent: number }) {
    this.#free = maxConcurrent;
  }

  /** The result of a run of `work` that starts after this call. */
  do(key: string, work: () => Promise<T>): Promise<T> {
    const runs = this.#runs.get(key);
    if (!runs) return this.#start(key, work);
    const start = () => this.#start(key, work);
    runs.next ??= runs.current.then(start, start);
    return runs.next;
  }

  #start(key: string, work: () => Promise<T>): Promise<T> {
    const current = this.#limited(work);
    const runs: Runs<T> = { current };
    this.#runs.set(key, runs);
    const end = () => this.#runs.get(key) === runs && !runs.next && this.#runs.delete(key);
    current.then(end, end);
    return current;
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
