/** An outage of a component, reported to the log and to the health of the program. */
import { Outage, type OutageReport, type OutageTimes } from "../async/outage.ts";
import type { Component } from "../health/health.ts";

/** Call it for every failure and every success. The health always has the latest; the log has what is new. */
export class ComponentOutage {
  readonly #outage: Outage;

  /** @param log the functions that write to the log, see {@link Outage}. */
  constructor(private readonly component: Component, log: OutageReport, times?: OutageTimes) {
    this.#outage = new Outage(log, times);
  }

  /** Whether the last call was a failure. */
  get isDown(): boolean {
    return this.#outage.isDown;
  }

  /** The component failed; see {@link Outage.failed}. */
  failed(reason: string, cause: string = reason): void {
    this.component.waiting(reason);
    this.#outage.failed(reason, cause);
  }

  /** The component works. */
  worked(): void {
    this.component.recovered();
    this.#outage.worked();
  }

  /** The same as one function: with the reason of a failure, or without one. */
  readonly changed = (reason?: string): void => {
    if (reason === undefined) this.worked();
    else this.failed(reason);
  };
}
