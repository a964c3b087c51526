/**
 * Whose fault a failure is, and what follows from it. When the store fails, everything waits; when only one message
 * does, it is tried a few times beside the others and then rejected. Nobody waits inside a put slot: what has to be tried
 * again gives its slot back.
 */
import { ConfigError, messageOf, RejectedMessageError } from "../errors.ts";
import type { Outage } from "../async/outage.ts";
import { RecentMap } from "../recent_map.ts";
import { Backoff } from "../async/backoff.ts";
import { delay } from "../async/delay.ts";
import { StoreError } from "./store.ts";

/** What became of one attempt. A message that is rejected throws a RejectedMessageError instead. */
export type Outcome<T> =
  | { readonly kind: "stored"; readonly value: T }
  /** Try again after this long, without holding a slot meanwhile. */
  | { readonly kind: "later"; readonly delayMs: number }
  /** Leave it to its sender, who has had no receipt. */
  | { readonly kind: "given back" };

/** What it needs. Times in milliseconds. */
export interface RetryPolicyOptions {
  /** Told of the store's failures and successes. */
  readonly outage: Pick<Outage, "failed" | "worked">;
  /** Proves that the store takes objects now; throws when it does not. */
  readonly tryOut: (options: { signal: AbortSignal }) => Promise<void>;
  /** Told when a message fails for the first time although the store works. */
  readonly onMessageFailed?: (id: string, reason: string) => void;
  readonly nowMs?: () => number;
  readonly sleep?: typeof delay;
}

/** How long a message waits for its next attempt after it failed although the store works; then it is rejected. */
const MESSAGE_DELAYS_MS = [1_000, 5_000, 15_000];
/** After so many failures of the store's kind, while others were stored, a message is left to its sender. */
const MAX_STORE_FAILURES = 8;
const MAX_DELAY_MS = 15_000;
/** What was proved less long ago is not proved again. */
const PROOF_MS = 5_000;
/** Messages whose failures are remembered. */
const MAX_REMEMBERED = 1_000;

interface Failures {
  message: number;
  store: number;
  /** How many messages had been stored when it failed last. */
  successes: number;
}

/** Judges the attempts of one saver. */
export class RetryPolicy {
  readonly #options: RetryPolicyOptions;
  readonly #nowMs: () => number;
  readonly #sleep: typeof delay;
  readonly #failures = new RecentMap<string, Failures>(MAX_REMEMBERED);
  #backoff = new Backoff({ firstMs: 500, maxMs: MAX_DELAY_MS });
  #successes = 0;
  /** How often the store went away, and when it is tried again. */
  #outages = 0;
  #openMs = -Infinity;
  #proof?: { readonly atMs: number; readonly works: Promise<boolean> };

  constructor(options: RetryPolicyOptions) {
    this.#options = options;
    this.#nowMs = options.nowMs ?? (() => performance.now());
    this.#sleep = options.sleep ?? delay;
  }

  /**
   * Attempts to save one message, as soon as the store is not known to be away. Work under way is finished even when
   * the signal is aborted: its time is limited by the store. Throws a RejectedMessageError when the message is to be rejected.
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
    // What was under way when the store went away does not show that it is back.
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
    throw new RejectedMessageError(messageOf(error));
  }

  #storeFailed(id: string, error: unknown, outagesBefore: number): Outcome<never> {
    const failures = this.#failuresOf(id);
    const others = failures.store > 0 && this.#successes > failures.successes;
    failures.store++;
    failures.successes = this.#successes;
    // Fails again while others are stored: no reason to let them wait.
    if (!others) this.#close(error, outagesBefore);
    if (others && failures.store > MAX_STORE_FAILURES) return { kind: "given back" };
    return { kind: "later", delayMs: Math.min(MAX_DELAY_MS, 250 * 2 ** failures.store) };
  }

  #close(error: unknown, outagesBefore: number): void {
    const advice = error instanceof ConfigError && error.hint ? `; try: ${error.hint}` : "";
    this.#options.outage.failed(
      messageOf(error) + advice,
      error instanceof StoreError ? error.kind : messageOf(error),
    );
    // All attempts that began together are one attempt.
    if (outagesBefore < this.#outages) return;
    this.#outages++;
    this.#openMs = this.#nowMs() + this.#backoff.next(this.#nowMs());
  }

  /** Whether the store takes a small object of our own: then a failure is the message's. */
  #works(): Promise<boolean> {
    const nowMs = this.#nowMs();
    if (!this.#proof || nowMs - this.#proof.atMs > PROOF_MS) {
      const works = this.#options.tryOut({ signal: new AbortController().signal }).then(
        () => true,
        () => false,
      );
      this.#proof = { atMs: nowMs, works };
    }
    return this.#proof.works;
  }

  #failuresOf(id: string): Failures {
    const failures = this.#failures.get(id) ?? { message: 0, store: 0, successes: this.#successes };
    this.#failures.set(id, failures);
    return failures;
  }
}
