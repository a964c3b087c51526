/**
 * The health of a program: set by the program, read by http_server.ts and systemd.ts.
 *
 * A program has components, such as a camera or a broker. Each works, or waits for something outside the program. The
 * program is alive unless a component that should show signs of life has shown none for too long: only a restart helps
 * then. It is ready while all components work. While a camera is unplugged, the program is alive and not ready: a
 * restart would not plug it in.
 */
import type { LogFields } from "../log.ts";
import { counter, gauge } from "./metric.ts";
import { Metrics } from "./metrics.ts";

/** The metrics of the components. */
export const COMPONENT_METRICS = {
  up: gauge("haarlem_component_up", {
    help:
      "1 while a component of the program works, 0 while the program waits for it or it shows no sign of life",
    label: "component",
  }),
  outages: counter("haarlem_component_outages_total", {
    help: "times that a component stopped working",
    label: "component",
  }),
};

/** Why a program waits for a component that has not been available so far. */
export const NOT_YET = "not available yet";

/** What a component is made of. */
interface ComponentOptions {
  readonly name: string;
  /** A sign of life is due at this interval. */
  readonly withinMs: number;
  readonly nowMs: () => number;
  readonly onChange: () => void;
}

/** One thing that a program needs for its job. */
export class Component {
  /** Such as `camera`. */
  readonly name: string;
  readonly #withinMs: number;
  readonly #nowMs: () => number;
  readonly #changed: () => void;
  #state: "started" | "ok" | "waiting" = "waiting";
  #reason: string = NOT_YET;
  #signMs = 0;
  #waitingSinceMs: number;
  #okMs?: number;
  /** How often the component began to wait after it had been available. */
  outages = 0;

  /** Made by {@link Health.component}. */
  constructor({ name, withinMs, nowMs, onChange }: ComponentOptions) {
    this.name = name;
    this.#withinMs = withinMs;
    this.#nowMs = nowMs;
    this.#changed = onChange;
    this.#waitingSinceMs = nowMs();
  }

  /** The component is available; from now on signs of life are due. */
  started(): void {
    if (this.#state !== "waiting") return;
    this.#state = "started";
    this.#signMs = this.#nowMs();
    this.#changed();
  }

  /** A sign of life. A late one, from before the component began to wait, does not end the waiting. */
  ok(): void {
    this.#signMs = this.#okMs = this.#nowMs();
    if (this.#state !== "started") return;
    this.#state = "ok";
    this.#changed();
  }

  /** The component is available again, and works. */
  recovered(): void {
    this.started();
    this.ok();
  }

  /** The component waits until it is started again: no sign of life is due, and the job is not done. */
  waiting(reason: string): void {
    if (this.#state !== "waiting") {
      this.outages++;
      this.#waitingSinceMs = this.#nowMs();
    }
    this.#state = "waiting";
    this.#reason = reason;
    this.#changed();
  }

  /** Seconds since the last sign of life; undefined before the first one. */
  get ageSeconds(): number | undefined {
    return this.#okMs === undefined ? undefined : (this.#nowMs() - this.#okMs) / 1000;
  }

  /** Why the program waits for the component, and since when; undefined while it does not. */
  get wait(): { readonly reason: string; readonly seconds: number } | undefined {
    if (this.#state !== "waiting") return undefined;
    return { reason: this.#reason, seconds: (this.#nowMs() - this.#waitingSinceMs) / 1000 };
  }

  /** Why only a restart helps: a sign of life is overdue. */
  get notAlive(): string | undefined {
    const quietMs = this.#nowMs() - this.#signMs;
    if (this.#state === "waiting" || quietMs <= this.#withinMs) return undefined;
    return `${this.name}: no sign of life for ${Math.floor(quietMs / 1000)} s`;
  }

  /** Why the job is not done now. */
  get notReady(): string | undefined {
    if (this.#state === "waiting") return `${this.name}: ${this.#reason}`;
    return this.notAlive ?? (this.#state === "started" ? `${this.name}: no result yet` : undefined);
  }
}

/** The health of a whole program. */
export class Health {
  readonly #components: Component[] = [];
  readonly #nowMs: () => number;
  /** What the program counts, and the state of its components. */
  readonly metrics = new Metrics();
  /** Called when a component was started, worked for the first time since, or began to wait. */
  onChange: () => void = () => {};

  constructor({ nowMs = () => performance.now() }: { nowMs?: () => number } = {}) {
    this.#nowMs = nowMs;
  }

  /** Adds a component that is not available yet. Once started, a sign of life is due every `withinMs`. */
  component(name: string, { withinMs = Infinity }: { withinMs?: number } = {}): Component {
    const component = new Component({
      name,
      withinMs,
      nowMs: this.#nowMs,
      onChange: () => this.onChange(),
    });
    this.#components.push(component);
    this.metrics.read(COMPONENT_METRICS.up, name, () => component.notReady === undefined ? 1 : 0);
    this.metrics.read(COMPONENT_METRICS.outages, name, () => component.outages);
    return component;
  }

  /** The component with this name; undefined where the program has none. */
  get(name: string): Component | undefined {
    return this.#components.find((one) => one.name === name);
  }

  /** The counters of the work done so far. */
  get done(): LogFields {
    return this.metrics.fields;
  }

  /** Why only a restart helps; nothing while the program is alive. */
  get notAlive(): string | undefined {
    return this.#components.map((one) => one.notAlive).find((reason) => reason !== undefined);
  }

  /** Why the job is not done now; nothing while the program is ready. */
  get notReady(): string | undefined {
    if (this.#components.length === 0) return "starting";
    const reasons = this.#components.map((one) => one.notReady).filter((reason) => reason !== undefined);
    return reasons.length > 0 ? reasons.join("; ") : undefined;
  }
}
