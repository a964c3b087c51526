/**
 * Tells of a link that comes and goes: each trouble once, and the end of it once. A broker that ends one connection after
 * the other within seconds is one trouble, not a hundred. Two clients of one client identifier do that to each other, and
 * so does a message that the broker does not take.
 */
import type { LinkChange } from "./bus.ts";

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
  readonly onLink?: (change: LinkChange) => void;
  readonly stableMs?: number;
}

export class LinkReport {
  readonly #options: LinkReportOptions;
  #lastReason: string | undefined;
  #upMs: number | undefined;
  #shortOnes = 0;
  #settling: ReturnType<typeof setTimeout> | undefined;

  constructor(options: LinkReportOptions) {
    this.#options = options;
  }

  get #stableMs(): number {
    return this.#options.stableMs ?? STABLE_MS;
  }

  /** The broker is connected. It is told later when the connections before did not last. */
  up(nowMs: number = performance.now()): void {
    this.#upMs = nowMs;
    if (this.#shortOnes < SHORT_ONES) return this.#sayUp();
    this.#settling = setTimeout(() => {
      this.#shortOnes = 0;
      this.#sayUp();
    }, this.#stableMs);
  }

  /** The connection is lost, or none came about. Returns the trouble that this is a sign of. */
  down(trouble: LinkTrouble, nowMs: number = performance.now()): LinkTrouble {
    this.stop();
    const lastedMs = this.#upMs === undefined ? undefined : nowMs - this.#upMs;
    this.#upMs = undefined;
    if (lastedMs !== undefined) this.#shortOnes = lastedMs < this.#stableMs ? this.#shortOnes + 1 : 0;
    const isFlapping = lastedMs !== undefined && this.#shortOnes >= SHORT_ONES;
    const { reason, hint } = isFlapping ? this.#flapping() : trouble;
    const found = { reason, ...(hint !== undefined && { hint }) };
    if (reason !== this.#lastReason) this.#options.onLink?.({ up: false, ...found });
    this.#lastReason = reason;
    return found;
  }

  /** Nothing is told later. */
  stop(): void {
    clearTimeout(this.#settling);
  }

  #sayUp(): void {
    this.#lastReason = undefined;
    this.#options.onLink?.({ up: true });
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
