/**
 * What follows from a failed put. When the store fails, all messages wait. When only one message fails, it is retried a
 * few times beside the others and then rejected. A message that has to be retried gives its put slot back
 * (retrying_store.ts).
 */
import { ConfigError, messageOf, RejectedMessageError } from "../errors.ts";
import type { Outage } from "../async/outage.ts";
import { RecentMap } from "../recent_map.ts";
import { Backoff } from "../async/backoff.ts";
import { delay } from "../async/delay.ts";
import { StoreError } from "./store.ts";

/** The result of one attempt. A rejected message throws a RejectedMessageError instead. */
export type Outcome<T> =
  | { readonly kind: "stored"; readonly value: T }
  /** Retry after this delay, without holding a put slot meanwhile. */
  | { readonly kind: "later"; readonly delayMs: number }
  /** Leave the message to its sender, which has got no receipt. */
  | { readonly kind: "given back" };

/** What a policy needs. Times in milliseconds. */
export interface RetryPolicyOptions {
  /** Called for the store's failures and successes. */
  readonly outage: Pick<Outage, "failed"> & { worked(): void };
  /** Tests that the store takes objects now; throws when it does not. */
  readonly tryOut: (options: { signal: AbortSignal }) => Promise<void>;
  /** Called when a message fails for the first time although the store works. */
  readonly onMessageFailed?: (id: string, reason: string) => void;
  readonly nowMs?: () => number;
  readonly sleep?: typeof delay;
}

/** Delays before the retries of a message that fails although the store works; then it is rejected. */
const MESSAGE_DELAYS_MS = [1_000, 5_000, 15_000];
/** Failures of the store, while other messages were stored, after which a message is left to its sender. */
const MAX_STORE_FAILURES = 8;
const MAX_DELAY_MS = 15_000;
/** A test of the store counts for this long. */
const TEST_MS = 5_000;
/** Messages whose failures are remembered; beyond it the oldest is forgotten. */
const MAX_REMEMBERED = 1_000;

interface Failures {
  message: number;
  store: number;
  /** How many messages had been stored when it failed last. */
  successes: number;
}

/** Decides over the attempts of one saver. */
export class RetryPolicy {
  readonly #options: RetryPolicyOptions;
  readonly #nowMs: () => number;
  readonly #sleep: typeof delay;
  readonly #failures = new RecentMap<string, Failures>(MAX_REMEMBERED);
  #backoff = new Backoff({ firstMs: 500, maxMs: MAX_DELAY_MS });
  #successes = 0;
  /** How often the store failed, and when the next attempt is allowed. */
  #outages = 0;
  #openMs = -Infinity;
  #test?: { readonly atMs: number; readonly works: Promise<boolean> };

  constructor(options: RetryPolicyOptions) {
    this.#options = options;
    this.#nowMs = options.nowMs ?? (() => performance.now());
    this.#sleep = options.sleep ?? delay;
  }

  /**
   * Attempts to save one message, as soon as the store is not known to be down. Work under way is finished even when the
   * signal is aborted: its time is limited by the store. Throws a RejectedMessageError when the message is rejected.
   */
  async attempt<T>(
    id: string,
    work: (signal: AbortSignal) => Promise<T>,
    { signal }: { signal: AbortSignal },
  ): Promise<Outcome<T>> {
    await this.#untilOpen(signal);
    if (signal.aborted) return { kind: "given back" };
    const outagesBefore = this.#outages;
    const successesBefore = this.#successes;
    try {
      const value = await work(new AbortController().signal);
      this.#succeeded(id, outagesBefore);
      return { kind: "stored", value };
    } catch (error) {
      if (error instanceof RejectedMessageError) throw error;
      const isItsOwn = error instanceof StoreError && error.subject === "object" &&
        (this.#successes > successesBefore || await this.#works());
      if (isItsOwn) return this.#messageFailed(id, error);
      if (signal.aborted) return { kind: "given back" };
      return this.#storeFailed(id, error, outagesBefore);
    }
  }

  async #untilOpen(signal: AbortSignal): Promise<void> {
    for (;;) {
      const waitMs = this.#openMs - this.#nowMs();
      if (waitMs <= 0 || signal.aborted) return;
      await this.#sleep(waitMs, { signal });
    }
  }

  #succeeded(id: string, outagesBefore: number): void {
    this.#successes++;
    this.#failures.delete(id);
    // A put that was under way when the store failed does not show that the store is back.
    if (outagesBefore < this.#outages) return;
    if (this.#openMs > -Infinity) this.#backoff = new Backoff({ firstMs: 500, maxMs: MAX_DELAY_MS });
    this.#openMs = -Infinity;
    this.#options.outage.worked();
  }

  #messageFailed(id: string, error: Error): Outcome<never> {
    const failures = this.#failuresOf(id);
    if (failures.message === 0) this.#options.onMessageFailed?.(id, messageOf(error));
    const delayMs = MESSAGE_DELAYS_MS[failures.message++];
    failures.successes = this.#successes;
    if (delayMs !== undefined) return { kind: "later", delayMs };
    this.#failures.delete(id);
    throw new RejectedMessageError(messageOf(error), "store");
  }

  #storeFailed(id: string, error: unknown, outagesBefore: number): Outcome<never> {
    const failures = this.#failuresOf(id);
    const others = failures.store > 0 && this.#successes > failures.successes;
    failures.store++;
    failures.successes = this.#successes;
    // It fails again while others are stored: the others need not wait.
    if (!others) this.#close(error, outagesBefore);
    if (others && failures.store > MAX_STORE_FAILURES) return { kind: "given back" };
    return { kind: "later", delayMs: Math.min(MAX_DELAY_MS, 250 * 2 ** failures.store) };
  }

  #close(error: unknown, outagesBefore: number): void {
    const advice = error instanceof ConfigError && error.hint ? `. Try: ${error.hint}` : "";
    this.#options.outage.failed(
      messageOf(error) + advice,
      error instanceof StoreError ? error.kind : messageOf(error),
    );
    // Attempts that began together count once.
    if (outagesBefore < this.#outages) return;
    this.#outages++;
    this.#openMs = this.#nowMs() + this.#backoff.next(this.#nowMs());
  }

  /** Whether the store takes a small object of our own: then the message itself fails. */
  #works(): Promise<boolean> {
    const nowMs = this.#nowMs();
    if (!this.#test || nowMs - this.#test.atMs > TEST_MS) {
      const works = this.#options.tryOut({ signal: new AbortController().signal }).then(
        () => true,
        () => false,
      );
      this.#test = { atMs: nowMs, works };
    }
    return this.#test.works;
  }

  #failuresOf(id: string): Failures {
    const failures = this.#failures.get(id) ?? { message: 0, store: 0, successes: this.#successes };
    this.#failures.set(id, failures);
    return failures;
  }
}
