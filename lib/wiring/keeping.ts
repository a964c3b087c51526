/** The setting of how long faces are kept, and the work of a saver that removes older ones. */
import { abortable, delay } from "../async/delay.ts";
import { Outage, retrying, sinceMinutes } from "../async/outage.ts";
import { SYSTEM_SOURCES } from "../clock/system_sources.ts";
import { messageOf } from "../errors.ts";
import type { KeyDays } from "../face/key_days.ts";
import type { Health } from "../health/health.ts";
import { counter } from "../health/metric.ts";
import type { Log } from "../log.ts";
import { grouped, number } from "../settings/declare.ts";
import { type DeletingStore, Retention } from "../store/retention.ts";
import type { Store } from "../store/store.ts";

/** Days change once a day; an hour is early enough, and few requests to a bucket. */
const INTERVAL_MS = 3_600_000;
/** Between two bounded runs while old faces are left. */
const PAUSE_MS = 10_000;
/** After a failure, and while the clock is not synchronised. */
const RETRY_MS = 300_000;

/** The setting. */
export const KEEPING_SETTINGS = grouped("storage", {
  keepDays: number({
    help: "remove faces whose day is more than this many days ago; 0: never",
    details:
      "The date in the object key decides, in UTC. Faces below undated/ stay, and so does every other file. " +
      "Nothing is removed unless the clock of this machine is synchronised. " +
      "In a bucket this needs the rights to list and to delete; a lifecycle rule needs neither.",
    min: 0,
    max: 36_500,
    unit: "days",
    fallback: "0",
  }),
});

/** What it counts. */
export const KEEPING_METRICS = {
  removed: counter("haarlem_faces_removed_total", {
    help: "faces that were removed because of --keep-days",
    field: "removed",
    omitsZero: true,
  }),
  failures: counter("haarlem_removal_failures_total", {
    help: "runs of --keep-days that failed: not every face that was old enough is removed",
  }),
};

/** What the work needs. Tests give their own clocks. */
export interface KeepingContext {
  readonly log: Log;
  readonly health: Health;
  readonly signal: AbortSignal;
  readonly nowMs?: () => number;
  readonly synchronised?: typeof SYSTEM_SOURCES.synchronised;
  readonly sleep?: typeof delay;
}

/**
 * Removes old faces until the signal is aborted; resolves then. Resolves at once without `days`. A store that fails is
 * reported and tried again.
 * @param target a store that deletes, and the keys of its faces.
 */
export async function keepFaces(
  { store, days, keepDays }: {
    readonly store: Store;
    readonly days?: KeyDays;
    readonly keepDays: number;
  },
  context: KeepingContext,
): Promise<void> {
  if (days === undefined) return;
  const retention = new Retention(store as DeletingStore, days, keepDays);
  const keeping = new Keeping(retention, context);
  const { signal, sleep = delay } = context;
  while (!signal.aborted) await sleep(await keeping.next(), { signal });
}

/** The runs of one saver. */
class Keeping {
  readonly #outage: Outage;
  readonly #metrics;
  /** Whether every old face of the runs since the first key was removed. */
  #isComplete = true;

  constructor(private readonly retention: Retention, private readonly context: KeepingContext) {
    const { log, health } = context;
    this.#metrics = health.metrics.add(KEEPING_METRICS);
    this.#outage = new Outage({
      down: (reason, lastedMs) =>
        log.warn(`old faces are not removed: ${retrying(reason)}`, sinceMinutes(lastedMs)),
      up: () => log.info("old faces are removed again"),
    });
  }

  /** One run. Returns the delay before the next one, in milliseconds. */
  async next(): Promise<number> {
    const { signal, synchronised = SYSTEM_SOURCES.synchronised } = this.context;
    try {
      const clock = await abortable(synchronised(), { signal });
      if (clock !== "yes") return this.#failed(notTrusted(clock), `clock ${clock}`);
      return await this.#run();
    } catch (error) {
      return signal.aborted ? 0 : this.#failed(messageOf(error));
    }
  }

  async #run(): Promise<number> {
    const { log, signal, nowMs = Date.now } = this.context;
    const onRemoved = (key: string) => {
      this.#metrics.removed.add();
      log.debug("removed", { key });
    };
    // A disk that hangs must not keep the saver from ending.
    const run = await abortable(this.retention.run({ nowMs: nowMs(), signal, onRemoved }), { signal });
    if (run.removed > 0) log.info("removed old faces", { faces: run.removed, before: run.firstKept });
    const isComplete = this.#isComplete && run.failure === undefined;
    this.#isComplete = run.isDone || isComplete;
    if (run.failure !== undefined) return this.#failed(run.failure);
    if (run.isDone && isComplete) this.#outage.worked();
    return run.isDone ? INTERVAL_MS : PAUSE_MS;
  }

  #failed(reason: string, cause?: string): number {
    this.#metrics.failures.add();
    this.#outage.failed(reason, cause);
    return RETRY_MS;
  }
}

/** Why a clock must not decide what is old: one that is a year ahead would remove every face of that year. */
function notTrusted(clock: "no" | "unknown"): string {
  return clock === "no"
    ? "the clock of this machine is not synchronised. Try: set it by a time server, with sudo timedatectl set-ntp true"
    : "nothing tells whether the clock of this machine is synchronised. Try: install systemd-timesyncd or chrony " +
      "with timedatectl; in a container, mount the host's /run/systemd/timesync";
}
