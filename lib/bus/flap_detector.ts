/**
 * Finds a flapping connection: a broker that ends one connection after the other within seconds. That is one problem,
 * which is over when a connection lasts. Two clients with one client identifier end each other's connections like this,
 * and so does a message that the broker rejects. lib/async/outage.ts decides what is reported.
 */
import { delay } from "../async/delay.ts";

/** A connection that lasts at least this long is stable. */
const STABLE_MS = 5_000;
/** From this number of unstable connections in a row on, the connection is flapping. */
const FLAPPING = 3;

/** Why there is no connection, and what to do about it where that is known. */
export interface LinkFailure {
  readonly reason: string;
  readonly hint?: string;
}

/** What a `FlapDetector` needs. */
export interface FlapDetectorOptions {
  readonly clientId: string;
  /** Called when the failure is over: on connection, and after flapping once a connection is stable. */
  readonly onRecovered?: () => void;
  readonly nowMs?: () => number;
  readonly delay?: typeof delay;
}

export class FlapDetector {
  readonly #options: FlapDetectorOptions;
  readonly #nowMs: () => number;
  #upMs: number | undefined;
  /** Unstable connections in a row. */
  #unstable = 0;
  #waiting = new AbortController();

  constructor(options: FlapDetectorOptions) {
    this.#options = options;
    this.#nowMs = options.nowMs ?? (() => performance.now());
  }

  /** A broker is connected. */
  up(): void {
    this.#upMs = this.#nowMs();
    if (this.#unstable < FLAPPING) return this.#options.onRecovered?.();
    void this.#recoverWhenStable();
  }

  /** The connection is lost, or could not be made. Returns the failure to report. */
  down(failure: LinkFailure): LinkFailure {
    this.stop();
    const lastedMs = this.#upMs === undefined ? undefined : this.#nowMs() - this.#upMs;
    this.#upMs = undefined;
    if (lastedMs === undefined) return failure;
    this.#unstable = lastedMs < STABLE_MS ? this.#unstable + 1 : 0;
    return this.#unstable >= FLAPPING ? this.#flapping() : failure;
  }

  /** Cancels a later call of `onRecovered`. */
  stop(): void {
    this.#waiting.abort();
  }

  async #recoverWhenStable(): Promise<void> {
    const { signal } = this.#waiting = new AbortController();
    await (this.#options.delay ?? delay)(STABLE_MS, { signal });
    if (signal.aborted) return;
    this.#unstable = 0;
    this.#options.onRecovered?.();
  }

  #flapping(): LinkFailure {
    return {
      reason: `the broker ends each connection within ${STABLE_MS / 1000} s; it may have another client ` +
        `with the name "${this.#options.clientId}", or reject a message`,
      hint: "look into the broker's log; end the other client, or raise the broker's max_packet_size",
    };
  }
}
