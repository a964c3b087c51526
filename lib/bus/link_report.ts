/**
 * Finds the trouble behind the changes of a link. A broker that ends one connection after the other within seconds is
 * one trouble, which is over when a connection lasts. Two clients of one client identifier do that to each other, and so
 * does a message that the broker does not take. lib/async/outage.ts decides what is reported.
 */

/** A connection that lasts as long as this is a good one. */
const STABLE_MS = 5_000;
/** So many connections in a row that do not last are a trouble of their own. */
const SHORT_ONES = 3;

/** Why there is no link, and what to do about it where that is known. */
export interface LinkTrouble {
  readonly reason: string;
  readonly hint?: string;
}

/** What `LinkReport` needs. */
export interface LinkReportOptions {
  readonly clientId: string;
  /** Called when the trouble is over: at once, or when a connection has lasted after several that did not. */
  readonly onRecovered?: () => void;
  readonly stableMs?: number;
}

export class LinkReport {
  readonly #options: LinkReportOptions;
  #upMs: number | undefined;
  #shortOnes = 0;
  #settling: ReturnType<typeof setTimeout> | undefined;

  constructor(options: LinkReportOptions) {
    this.#options = options;
  }

  get #stableMs(): number {
    return this.#options.stableMs ?? STABLE_MS;
  }

  /** The broker is connected. */
  up(nowMs: number = performance.now()): void {
    this.#upMs = nowMs;
    if (this.#shortOnes < SHORT_ONES) return this.#options.onRecovered?.();
    this.#settling = setTimeout(() => {
      this.#shortOnes = 0;
      this.#options.onRecovered?.();
    }, this.#stableMs);
  }

  /** The connection is lost, or none came about. Returns the trouble that this is a sign of. */
  down(trouble: LinkTrouble, nowMs: number = performance.now()): LinkTrouble {
    this.stop();
    const lastedMs = this.#upMs === undefined ? undefined : nowMs - this.#upMs;
    this.#upMs = undefined;
    if (lastedMs !== undefined) this.#shortOnes = lastedMs < this.#stableMs ? this.#shortOnes + 1 : 0;
    const isFlapping = lastedMs !== undefined && this.#shortOnes >= SHORT_ONES;
    return isFlapping ? this.#flapping() : trouble;
  }

  /** `onRecovered` is not called later. */
  stop(): void {
    clearTimeout(this.#settling);
  }

  #flapping(): LinkTrouble {
    return {
      reason:
        `the broker ends each connection within ${this.#stableMs / 1000} s; it may have another client ` +
        `with the name "${this.#options.clientId}", or refuse a message`,
      hint: "look into the broker's log; end the other client, or raise the broker's max_packet_size",
    };
  }
}
