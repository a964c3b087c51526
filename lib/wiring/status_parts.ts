/** Parts of the status that several programs have. */
import { type Health, NOT_YET } from "../health/health.ts";
import type { Metric } from "../health/metric.ts";
import type { StatusPart, StatusState } from "../terminal/status.ts";
import { BUS_METRICS } from "./bus.ts";
import { RecentRate } from "./recent_rate.ts";

/** Why the program waits for one of its components, with the time in seconds; nothing while it does not. */
export function waitPart(health: Health, name: string, state: StatusState = "trouble"): StatusPart[] {
  const wait = health.get(name)?.wait;
  if (!wait) return [];
  if (wait.reason === NOT_YET) return [{ text: `${name} ${NOT_YET}`, state: "warning" }];
  const seconds = Math.floor(wait.seconds);
  return [{ text: `${name} away for ${seconds} s: ${wait.reason}`, state, mayShrink: true }];
}

/** The worst state of the parts. */
export function worstOf(parts: readonly StatusPart[]): StatusState {
  const states = parts.map(({ state }) => state);
  return states.includes("trouble") ? "trouble" : states.includes("warning") ? "warning" : "good";
}

/** The mean of a histogram in the last seconds, in whole milliseconds, or with a digit below 10 ms. */
export class RecentDuration {
  readonly #rate = new RecentRate();

  constructor(private readonly health: Health, private readonly metric: Metric<"histogram">) {}

  read(ms: number): number | undefined {
    const { counts, sum } = this.health.metrics.observations(this.metric) ?? { counts: [], sum: 0 };
    this.#rate.read({ ms, count: counts.reduce((all, one) => all + one, 0), sum });
    const seconds = this.#rate.mean;
    return seconds === undefined ? undefined : seconds * 1000;
  }
}

/** `3 ms`, `0.4 ms`. */
export function milliseconds(ms: number): string {
  return `${ms < 1 ? ms.toFixed(1) : Math.round(ms)} ms`;
}

/** A connection that is being made is not reported for this long, milliseconds. */
const CONNECTING_MS = 1_000;

/** Since when a broker is not connected, as the status sees it. */
export class BrokerAway {
  #sinceMs: number | undefined;

  constructor(private readonly health: Health, private readonly broker: "broker" | "edge" | "cloud") {}

  /** @param ms a monotonic time. */
  read(ms: number): StatusPart[] {
    // Without a connection in this program there is no value.
    const isAway = this.health.metrics.value(BUS_METRICS.up, this.broker) === 0;
    this.#sinceMs = isAway ? this.#sinceMs ?? ms : undefined;
    const awayMs = ms - (this.#sinceMs ?? ms);
    if (awayMs < CONNECTING_MS) return [];
    const seconds = Math.floor(awayMs / 1000);
    return [{ text: `${this.broker} away for ${seconds} s, retrying`, state: "warning" }];
  }
}
