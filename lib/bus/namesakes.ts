/**
 * Namesakes: two programs with one name at one broker, such as two boards whose host name is `raspberrypi`. Each
 * connection has its own client identifier, so that they do not end each other's connections, but they share topics: the
 * status of one is taken for that of the other.
 *
 * An MQTT 3.1.1 broker has no list of its clients, so each program publishes, never retained, under its name:
 *
 *     second -> hello 5f0c…   every program with this name and another number answers
 *     first  -> here 91ab…    the second program reports it once; the first one does not
 */
import { randomBytes } from "node:crypto";

/** Minimum time between two answers, so that a flood of greetings causes no flood of answers. */
const ANSWER_EVERY_MS = 1_000;
/** Numbers of others that are remembered, so that each is reported once; beyond it none is reported. */
const MAX_KNOWN = 100;
const MESSAGE = /^(hello|here) ([0-9a-f]{16})$/;

/** How to reach the namesakes. */
export interface NamesakeOptions {
  readonly publish: (text: string) => void;
  /** Called once for each namesake that was connected before. */
  readonly onNamesake: () => void;
}

/** Greets the namesakes, answers their greetings, and reports those that answer. */
export class Namesakes {
  readonly #number = randomBytes(8).toString("hex");
  readonly #options: NamesakeOptions;
  readonly #known = new Set<string>();
  #answeredMs = -Infinity;

  constructor(options: NamesakeOptions) {
    this.#options = options;
  }

  /** Call it whenever the topic of the name is subscribed to. */
  greet(): void {
    this.#options.publish(`hello ${this.#number}`);
  }

  /** Takes a message of the topic of the name. */
  receive(text: string, nowMs: number = performance.now()): void {
    const [, kind, number] = MESSAGE.exec(text) ?? [];
    if (number === undefined || number === this.#number) return;
    const isNew = !this.#known.has(number);
    // A greeting comes from a later program, which reports this one. It stays known: after a restart of the broker both greet.
    const isKept = this.#known.size < MAX_KNOWN;
    if (isKept) this.#known.add(number);
    if (kind === "here" && isNew && isKept) this.#options.onNamesake();
    if (kind === "hello" && nowMs - this.#answeredMs >= ANSWER_EVERY_MS) {
      this.#answeredMs = nowMs;
      this.#options.publish(`here ${this.#number}`);
    }
  }
}
