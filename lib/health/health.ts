/**
 * The health of a program: set by the program, read by http_server.ts and systemd.ts.
 *
 * A program has components, such as a camera or a broker. Each works, or waits for something outside the program. The
 * program is alive unless a component that should show signs of life has shown none for too long: only a restart helps
 * then. It is ready while all components work. While a camera is unplugged, the program is alive and not ready: a
 * restart would not plug it in.
 */
import type { LogFields } from "../log.ts";

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
  readonly #name: string;
  readonly #withinMs: number;
  readonly #nowMs: () => number;
  readonly #changed: () => void;
  #state: "started" | "ok" | "waiting" = "waiting";
  #reason = "not available yet";
  #signMs = 0;

  /** Made by {@link Health.component}. */
  constructor({ name, withinMs, nowMs, onChange }: ComponentOptions) {
    this.#name = name;
    this.#withinMs = withinMs;
    this.#nowMs = nowMs;
    this.#changed = onChange;
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
    this.#signMs = this.#nowMs();
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
    this.#state = "waiting";
    this.#reason = reason;
    this.#changed();
  }

  /** Why only a restart helps: a sign of life is overdue. */
  get notAlive(): string | undefined {
    const quietMs = this.#nowMs() - this.#signMs;
    if (this.#state === "waiting" || quietMs <= this.#withinMs) return undefined;
    return `${this.#name}: no sign of life for ${Math.floor(quietMs / 1000)} s`;
  }

  /** Why the job is not done now. */
  get notReady(): string | undefined {
    if (this.#state === "waiting") return `${this.#name}: ${this.#reason}`;
    return this.notAlive ?? (this.#state === "started" ? `${this.#name}: no result yet` : undefined);
  }
}

/** The health of a whole program. */
export class Health {
  readonly #components: Component[] = [];
  readonly #nowMs: () => number;
  #counts: () => LogFields = () => ({});
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
    return component;
  }

  /** Sets the function that returns the counters of the work done so far. */
  counts(counts: () => LogFields): void {
    this.#counts = counts;
  }

  /** The counters of the work done so far. */
  get done(): LogFields {
    return this.#counts();
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
