/** Work on a disk that may never answer, such as a network drive whose server has gone: no call to it can be cut short. */
import { FatalError } from "../errors.ts";
import { delay } from "../async/delay.ts";

/** A disk that has to spin up first takes less. */
const ANSWER_MS = 20_000;

/** Limits what a disk is waited for, and asks nothing more of it while something has no answer. */
export class DiskAnswers {
  #overdue = 0;

  constructor(private readonly name: string, private readonly limitMs = ANSWER_MS) {}

  /** Settles like `work`, or throws a FatalError when that takes too long. */
  async of<T>(work: () => Promise<T>): Promise<T> {
    if (this.#overdue > 0) throw this.#noAnswer();
    const timeout = new AbortController();
    const running = work();
    const first = await Promise.race([
      running.then((value) => ({ value })),
      delay(this.limitMs, { signal: timeout.signal }),
    ]).finally(() => timeout.abort());
    if (first) return first.value;
    this.#overdue++;
    const answered = () => this.#overdue--;
    running.then(answered, answered);
    throw this.#noAnswer();
  }

  #noAnswer(): FatalError {
    return new FatalError(
      `the disk of the folder "${this.name}" does not answer`,
      "look whether the disk or the server of the network drive is there",
    );
  }
}
