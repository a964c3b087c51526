/** A timeout for a disk that may never answer, such as a network drive whose server has gone: no call can be cancelled. */
import { delay } from "../async/delay.ts";
import { FatalError } from "../errors.ts";

/** A disk that has to spin up first takes less. */
const TIMEOUT_MS = 20_000;

/** Limits how long a disk is awaited. While a call has no answer, no further one is made. */
export class DiskTimeout {
  #overdue = 0;
  readonly #delay: typeof delay;

  constructor(private readonly folder: string, options: { readonly delay?: typeof delay } = {}) {
    this.#delay = options.delay ?? delay;
  }

  /** Settles like `work`, or throws a FatalError after the timeout. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#overdue > 0) throw this.#noAnswer();
    const timer = new AbortController();
    const running = work();
    const first = await Promise.race([
      running.then((value) => ({ value })),
      this.#delay(TIMEOUT_MS, timer),
    ]).finally(() => timer.abort());
    if (first) return first.value;
    this.#overdue++;
    const answered = () => this.#overdue--;
    running.then(answered, answered);
    throw this.#noAnswer();
  }

  #noAnswer(): FatalError {
    return new FatalError(
      `the disk of the folder "${this.folder}" does not answer`,
      "check the disk, or the server of the network drive",
    );
  }
}
