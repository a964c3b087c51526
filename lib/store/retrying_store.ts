/**
 * Retries the messages that a store did not take. A message that waits for its next attempt holds no put slot. The
 * waiting messages are limited in number and in bytes; beyond a limit a message is left to its sender, which sends it
 * again.
 */
import { delay } from "../async/delay.ts";
import type { RetryPolicy } from "./retry_policy.ts";

/** Messages that wait for their next attempt take no more memory than this. */
const MAX_WAITING_BYTES = 64 * 2 ** 20;

/** What retrying needs. `M` is the message as it goes through the queue. */
export interface RetryingOptions<M> {
  readonly policy: RetryPolicy;
  /** Maximum number of messages that wait for their next attempt. */
  readonly maxWaiting: number;
  /** Puts a message back into the queue for its next attempt. */
  readonly requeue: (message: M) => void;
  /** Called for a message that is left to its sender since too many wait. */
  readonly onDropped: (message: M) => void;
  /** Ends the waits. */
  readonly signal: AbortSignal;
  readonly sleep?: typeof delay;
}

/** Saves messages, and saves them again later when the store did not take them. */
export class RetryingStore<M extends { readonly payload: Uint8Array }> {
  readonly #options: RetryingOptions<M>;
  /** Identities of the messages that are being saved or wait for their next attempt. */
  readonly #underWay = new Set<string>();
  /** The messages that wait for their next attempt, in time or in the queue, with their identities. */
  readonly #waiting = new Map<M, string>();
  /** How many of them wait for the time of their next attempt. */
  #delayed = 0;

  constructor(options: RetryingOptions<M>) {
    this.#options = options;
  }

  /** Number of messages that wait for the time of their next attempt. */
  get delayed(): number {
    return this.#delayed;
  }

  /** Runs `task` for a message, unless a copy of the message is under way. */
  async once(id: string, message: M, task: () => Promise<void>): Promise<void> {
    if (!this.#waiting.delete(message) && this.#underWay.has(id)) return;
    this.#underWay.add(id);
    try {
      await task();
    } finally {
      if (!this.#waiting.has(message)) this.#underWay.delete(id);
    }
  }

  /**
   * Attempts `save` within `once`. Returns its result, or nothing when the message comes again: from here after a
   * delay, or from its sender. Throws a RejectedMessageError when the message never can be saved.
   */
  async save<T>(
    id: string,
    message: M,
    save: (signal: AbortSignal) => Promise<T>,
    { signal }: { signal: AbortSignal },
  ): Promise<T | undefined> {
    const outcome = await this.#options.policy.attempt(id, save, { signal });
    if (outcome.kind === "stored") return outcome.value;
    if (outcome.kind === "later") void this.#retry(id, message, outcome.delayMs);
  }

  /** The queue dropped this message; its sender sends it again. */
  dropped(message: M): void {
    const id = this.#waiting.get(message);
    if (id === undefined) return;
    this.#waiting.delete(message);
    this.#underWay.delete(id);
  }

  async #retry(id: string, message: M, delayMs: number): Promise<void> {
    let bytes = message.payload.length;
    for (const { payload } of this.#waiting.keys()) bytes += payload.length;
    if (this.#waiting.size >= this.#options.maxWaiting || bytes > MAX_WAITING_BYTES) {
      return this.#options.onDropped(message);
    }
    this.#waiting.set(message, id);
    const { sleep = delay, signal, requeue } = this.#options;
    this.#delayed++;
    await sleep(delayMs, { signal });
    this.#delayed--;
    requeue(message);
  }
}
