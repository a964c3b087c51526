/**
 * An outage of something the program needs: a store, a broker, the receipts. It is reported when it starts, when its
 * cause changes, every ten minutes while it lasts, and when it ends. A recovery that fails again for the same cause within
 * 30 s continues the same outage, which is reported again only when it then lasts for 30 s.
 */
import { RecentMap } from "../recent_map.ts";

/** Receives the reports. */
export interface OutageReport {
  /** The outage started, changed its cause or still lasts. `lastedMs` is 0 at the start. */
  down(reason: string, lastedMs: number): void;
  /** The outage has ended. */
  up?(lastedMs: number): void;
}

/** The log field with the duration of an outage in whole minutes; no field below one minute. */
export function sinceMinutes(lastedMs: number): { readonly minutes?: number } {
  const minutes = Math.floor(lastedMs / 60_000);
  return minutes > 0 ? { minutes } : {};
}

/** The reason with the words that it is retried, which stand before the advice of a reason that has one. */
export function retrying(reason: string): string {
  const [what, ...advice] = reason.split(/(?=\. Try:)/);
  return `${what}; retrying${advice.join("")}`;
}

/** A monotonic clock, in milliseconds. */
export interface OutageTimes {
  readonly nowMs?: () => number;
}

const REMIND_MS = 600_000;
const STEADY_MS = 30_000;
/** Number of causes of one outage that are remembered. Beyond it the oldest is forgotten and counts as new. */
const MAX_CAUSES = 32;

/** The state of one thing that can be down: takes every failure and every success, and reports only changes. */
export class Outage {
  readonly #report: OutageReport;
  readonly #nowMs: () => number;
  /** Time of the last report of each cause. */
  readonly #reported = new RecentMap<string, number>(MAX_CAUSES);
  /** Undefined while it works. */
  #cause?: string;
  #downSinceMs = 0;
  #upSinceMs = -Infinity;
  /** Whether `down` was reported and `up` not yet. */
  #isOpen = false;

  constructor(report: OutageReport, { nowMs }: OutageTimes = {}) {
    this.#report = report;
    this.#nowMs = nowMs ?? (() => performance.now());
  }

  /** Whether the last call was a failure. */
  get isDown(): boolean {
    return this.#cause !== undefined;
  }

  /**
   * Records a failure.
   * @param reason the text for people, which may differ between failures of one cause.
   * @param cause compared with the causes that were already reported.
   */
  failed(reason: string, cause: string = reason): void {
    const nowMs = this.#nowMs();
    if (!this.isDown) {
      // After a steady period this is a new outage: every cause is reported again.
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

  /** Records a success. Returns how long the failures lasted that it ends, also where they are not reported. */
  worked(): number | undefined {
    if (!this.isDown) return;
    this.#cause = undefined;
    this.#upSinceMs = this.#nowMs();
    const lastedMs = this.#upSinceMs - this.#downSinceMs;
    if (this.#isOpen) {
      this.#isOpen = false;
      this.#report.up?.(lastedMs);
    }
    return lastedMs;
  }
}
