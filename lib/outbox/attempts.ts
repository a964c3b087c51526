/** When each face was sent and when it is due again. Times in milliseconds, by a monotonic clock. */

/** The last time that a face was sent. */
export interface Attempt {
  readonly sentMs: number;
  readonly dueMs: number;
  /** The time from `sentMs` to `dueMs`; 0 when the next delay is the first one again. */
  readonly delayMs: number;
}

/** A face that was sent before and is due now, with the first delay. */
const DUE_NOW: Attempt = { sentMs: -Infinity, dueMs: 0, delayMs: 0 };

/** The delays between two attempts: the first one, and the limit of the doubling. */
export interface Delays {
  readonly retryMs: number;
  readonly maxRetryMs: number;
}

/** The attempts to send the faces of one outbox. */
export class Attempts {
  readonly #attempts = new Map<string, Attempt>();

  constructor(private readonly delays: Delays) {}

  has(id: string): boolean {
    return this.#attempts.has(id);
  }

  get(id: string): Attempt | undefined {
    return this.#attempts.get(id);
  }

  delete(id: string): void {
    this.#attempts.delete(id);
  }

  /** Removes the faces that have left the outbox. */
  keepOnly(isWaiting: (id: string) => boolean): void {
    for (const id of this.#attempts.keys()) if (!isWaiting(id)) this.#attempts.delete(id);
  }

  /** Records that a face is sent now. Returns the attempt before, if there was one. */
  sent(id: string, nowMs: number): Attempt | undefined {
    const { retryMs, maxRetryMs } = this.delays;
    const before = this.#attempts.get(id);
    const delayMs = before?.delayMs ? Math.min(maxRetryMs, before.delayMs * 2) : retryMs;
    this.#attempts.set(id, { sentMs: nowMs, dueMs: nowMs + delayMs, delayMs });
    return before;
  }

  /** The number of faces in flight. After its first delay a face no longer counts, so that it cannot block the others. */
  inFlight(nowMs: number): number {
    const { retryMs } = this.delays;
    return this.#attempts.values().filter(({ sentMs }) => nowMs - sentMs < retryMs).toArray().length;
  }

  /** Makes all faces due now, since those in flight may be lost. */
  resendAll(isExcluded: (id: string) => boolean): void {
    for (const id of this.#attempts.keys()) if (!isExcluded(id)) this.#attempts.set(id, DUE_NOW);
  }

  /** Makes the faces due now that are not in flight, however long their delay had become. */
  resendIdle(nowMs: number, isExcluded: (id: string) => boolean): void {
    const { retryMs } = this.delays;
    for (const [id, { sentMs, dueMs }] of this.#attempts) {
      if (isExcluded(id)) continue;
      const inFlight = { sentMs, dueMs: Math.min(dueMs, nowMs + retryMs), delayMs: retryMs };
      this.#attempts.set(id, nowMs - sentMs <= retryMs ? inFlight : DUE_NOW);
    }
  }
}
