/**
 * How a program health: told here by the program, read by whoever asks (lib/health/http_server.ts, systemd.ts).
 *
 * A program has parts, such as a camera or a broker. Each works, or waits for the world. The program is alive unless a
 * part that should show signs of life has gone quiet: then nothing but a new start will help. It is ready while all
 * its parts work. A camera that is unplugged and waited for is alive and not ready: a new start would not plug it in.
 */
import type { LogFields } from "../log.ts";

/** One thing that a program needs for its job. */
export class Component {
  readonly #name: string;
  readonly #withinMs: number;
  readonly #changed: () => void;
  #state: "begun" | "works" | "waits" = "waits";
  #reason = "not there yet";
  #signMs = 0;

  /** Parts are made by {@link Health.component}. */
  constructor(name: string, withinMs: number, changed: () => void) {
    this.#name = name;
    this.#withinMs = withinMs;
    this.#changed = changed;
  }

  /** From now on it should show signs of life. */
  started(): void {
    if (this.#state !== "waits") return;
    this.#state = "begun";
    this.#signMs = performance.now();
    this.#changed();
  }

  /** A sign of life. What comes late, from before it began to wait, does not end the waiting. */
  ok(): void {
    this.#signMs = performance.now();
    if (this.#state !== "begun") return;
    this.#state = "works";
    this.#changed();
  }

  /** It is there again, and works. */
  recovered(): void {
    this.started();
    this.ok();
  }

  /** It waits for the world until it begins again: no sign of life is due, and the job is not done. */
  waiting(reason: string): void {
    this.#state = "waits";
    this.#reason = reason;
    this.#changed();
  }

  /** What is wrong when it should have shown a sign of life and did not. */
  get notAlive(): string | undefined {
    const quietMs = performance.now() - this.#signMs;
    if (this.#state === "waits" || quietMs <= this.#withinMs) return undefined;
    return `${this.#name}: nothing happened for ${Math.floor(quietMs / 1000)} s`;
  }

  /** Why the job is not done now. */
  get notReady(): string | undefined {
    if (this.#state === "waits") return `${this.#name}: ${this.#reason}`;
    return this.notAlive ?? (this.#state === "begun" ? `${this.#name}: nothing yet` : undefined);
  }
}

/** How a whole program health. */
export class Health {
  readonly #parts: Component[] = [];
  #counts: () => LogFields = () => ({});
  /** Called when a part began to work or to wait. */
  onChange: () => void = () => {};

  /** A part that is not there yet. With `withinMs` it should show a sign of life at least so often, once it began. */
  component(name: string, { withinMs = Infinity }: { withinMs?: number } = {}): Component {
    const part = new Component(name, withinMs, () => this.onChange());
    this.#parts.push(part);
    return part;
  }

  /** Where to look up what was done so far. */
  counts(look: () => LogFields): void {
    this.#counts = look;
  }

  /** What was done so far. */
  get done(): LogFields {
    return this.#counts();
  }

  /** Why only a new start will help; nothing while the program is alive. */
  get notAlive(): string | undefined {
    return this.#parts.map((part) => part.notAlive).find((reason) => reason !== undefined);
  }

  /** Why the job is not done now; nothing while the program is ready. */
  get notReady(): string | undefined {
    if (this.#parts.length === 0) return "starting";
    const reasons = this.#parts.map((part) => part.notReady).filter((reason) => reason !== undefined);
    return reasons.length > 0 ? reasons.join("; ") : undefined;
  }
}
