/**
 * An outage of something the program needs: a store, a broker, the receipts. Reported when it starts, when its cause
 * changes, every ten minutes while it lasts, and when it ends. What recovers and fails again for the same cause within
 * half a minute is one outage: it is reported again only when that lasts.
 */

import { RecentMap } from "../recent_map.ts";

/** Where reports go. */
export interface OutageReport {
  /** It started, its cause changed, or it still lasts: `lastedMs` is 0 at the start. */
  down(reason: string, lastedMs: number): void;
  /** It is over. */
  up?(lastedMs: number): void;
}

/** For the log: since how many minutes an outage lasts, once it is one. */
export function sinceMinutes(lastedMs: number): { readonly minutes?: number } {
  const minutes = Math.floor(lastedMs / 60_000);
  return minutes > 0 ? { minutes } : {};
}

/** The clock by which reports are due, milliseconds. */
export interface OutageTimes {
  readonly nowMs?: () => number;
}

const REMIND_MS = 600_000;
const STEADY_MS = 30_000;
/** Causes of one outage that are remembered; more count as new. */
const MAX_CAUSES = 32;

/** One thing that can be down. Tell it of every failure and of every success; it reports what is new. */
export class Outage {
  readonly #report: OutageReport;
  readonly #nowMs: () => number;
  /** When each cause was reported last. */
  readonly #reported = new RecentMap<string, number>(MAX_CAUSES);
  /** Why it is down; nothing while it works. */
  #cause?: string;
  #downSinceMs = 0;
  #upSinceMs = -Infinity;
  /** Whether somebody was told that it is down and not yet that it is up. */
  #isOpen = false;

  constructor(report: OutageReport, { nowMs }: OutageTimes = {}) {
    this.#report = report;
    this.#nowMs = nowMs ?? (() => performance.now());
  }

  /** Whether it is down now. */
  get isDown(): boolean {
    return this.#cause !== undefined;
  }

  /**
   * It failed. `cause` says in which way and is compared with what was reported; `reason` is the text for people, which
   * may differ from failure to failure.
   */
  failed(reason: string, cause: string = reason): void {
    const nowMs = this.#nowMs();
    if (!this.isDown) {
      // Steady for long enough, it is another outage, and all of its causes are new.
      if (nowMs - this.#upSinceMs >= STEADY_MS) this.#reported.clear();
      this.#downSinceMs = nowMs;
    }
    this.#cause = cause;
    const beforeMs = this.#reported.get(cause);
    const isDue = beforeMs === undefined || nowMs - beforeMs >= REMIND_MS ||
      (!this.#isOpen && nowMs - this.#downSinceMs >= STEADY_MS);
    if (!isDue) return;
    this.#reported.set(cause, nowMs);
    this.#isOpen = true;
    this.#report.down(reason, nowMs - this.#downSinceMs);
  }

  /** It worked. */
  worked(): void {
    if (!this.isDown) return;
    this.#cause = undefined;
    this.#upSinceMs = this.#nowMs();
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#report.up?.(this.#upSinceMs - this.#downSinceMs);
  }
}
