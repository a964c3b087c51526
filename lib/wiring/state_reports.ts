/** Publishes the state of a detector, retained: at an interval, and as soon as its status changes. */
import { Deadline } from "../async/deadline.ts";
import { delay } from "../async/delay.ts";
import type { Bus } from "../bus/bus.ts";
import type { BoardClock } from "../clock/board_clock.ts";
import { type DetectorState, formatState } from "../face/detector_state.ts";
import type { Health } from "../health/health.ts";
import { VERSION } from "../version.ts";
import { OUTBOX_METRICS } from "./outbox_metrics.ts";
import { framesGiven, SEARCH_METRICS } from "./search.ts";

/** A broker in the cloud gets 1 MB a day from each camera. */
const INTERVAL_MS = 30_000;
/** How often the status is compared with the last one. */
const CHECK_MS = 1_000;
/** Maximum wait at the end for a message that is due: a short run may not have sent any. */
const LAST_MS = 1_000;

/** What is reported, and where. */
export interface ReportOptions {
  readonly topic: string;
  readonly camera: string;
  readonly health: Health;
  readonly clock: Pick<BoardClock, "now">;
  /** A monotonic time in milliseconds. Tests replace it. */
  readonly nowMs?: () => number;
  readonly delay?: typeof delay;
}

/** The same bus, on which states are published until it is closed. */
export function withStateReports(bus: Bus, options: ReportOptions): Bus {
  const stop = new AbortController();
  const reports = new StateReports(bus, options);
  const reporting = reports.run(stop);
  return {
    get connected() {
      return bus.connected;
    },
    publish: (topic, payload, how) => bus.publish(topic, payload, how),
    messages: (topic, how) => bus.messages(topic, how),
    ready: (how) => bus.ready(how),
    close: async () => {
      stop.abort();
      using limit = new Deadline(LAST_MS, options.delay ?? delay);
      await limit.wait(reporting.then(() => reports.report()));
      await bus.close();
    },
  };
}

class StateReports {
  readonly #nowMs: () => number;
  readonly #startMs: number;
  /** The last message: when it was sent, and the frames until then. */
  #last = { ms: -Infinity, frames: 0, status: "" };

  constructor(private readonly bus: Bus, private readonly options: ReportOptions) {
    this.#nowMs = options.nowMs ?? (() => performance.now());
    this.#startMs = this.#nowMs();
  }

  async run({ signal }: { signal: AbortSignal }): Promise<void> {
    const { delay: wait = delay } = this.options;
    while (!signal.aborted) {
      await this.report();
      await wait(CHECK_MS, { signal });
    }
  }

  /** Publishes a message that is due. One that the broker does not get is made again at the next check. */
  async report(): Promise<void> {
    if (!this.bus.connected) return;
    const { health, topic } = this.options;
    const status = statusOf(health);
    const nowMs = this.#nowMs();
    if (nowMs - this.#last.ms < INTERVAL_MS && status.status === this.#last.status) return;
    const frames = framesGiven(health.metrics);
    const state = this.#state(status, { nowMs, frames });
    try {
      await this.bus.publish(topic, formatState(state), { qos: 0, retain: true });
      this.#last = { ms: nowMs, frames, status: status.status };
    } catch {
      // The broker is away, which the bus reports.
    }
  }

  #state(
    status: Pick<DetectorState, "status" | "why">,
    { nowMs, frames }: { nowMs: number; frames: number },
  ): DetectorState {
    const { camera, health, clock } = this.options;
    const { wallMs, synchronised } = clock.now();
    const sinceMs = nowMs - Math.max(this.#last.ms, this.#startMs);
    return {
      time: new Date(wallMs).toISOString(),
      version: VERSION,
      camera,
      ...status,
      uptimeSeconds: Math.round((nowMs - this.#startMs) / 1000),
      // A rate over less than a second would be a guess.
      framesPerSecond: sinceMs < CHECK_MS ? undefined : tenths((frames - this.#last.frames) * 1000 / sinceMs),
      frameAgeSeconds: rounded(health.metrics.value(SEARCH_METRICS.cameraAge)),
      waiting: health.metrics.value(OUTBOX_METRICS.waiting),
      oldestWaitingSeconds: rounded(health.metrics.value(OUTBOX_METRICS.oldest)),
      clock: synchronised,
      nextSeconds: INTERVAL_MS / 1000,
      done: health.done as Record<string, number>,
    };
  }
}

function statusOf({ notAlive, notReady }: Health): Pick<DetectorState, "status" | "why"> {
  return { status: notAlive ? "stuck" : notReady ? "waiting" : "ok", why: notAlive ?? notReady };
}

const tenths = (value: number) => Math.round(value * 10) / 10;
const rounded = (seconds: number | undefined) => seconds === undefined ? undefined : tenths(seconds);
