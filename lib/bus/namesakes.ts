/**
 * Two programs of one name at one broker, such as two boards whose host name is `raspberrypi`. Each connection has a
 * client identifier of its own, so they do not end one another's, but they share topics, and what is said of one is
 * taken for the other.
 *
 * Nobody can ask an MQTT 3.1.1 broker who is connected, so the programs say so themselves, never retained:
 *
 * ```
 *   second -> hello 5f0c…   whoever has this name and another number answers
 *   first  -> here 91ab…    the second reports it, once; the first, which was there before, does not
 * ```
 */
import { randomBytes } from "node:crypto";

/** A flood of greetings is not answered with a flood. */
const ANSWER_EVERY_MS = 1_000;
/** Other numbers that are remembered, so that each is reported once. */
const MAX_KNOWN = 100;
const MESSAGE = /^(hello|here) ([0-9a-f]{16})$/;

/** How to speak to those of the same name. */
export interface NamesakeOptions {
  readonly say: (text: string) => void;
  /** Called once for each other one that was there before. */
  readonly onNamesake: () => void;
}

/** Greets those of the same name, answers their greetings, and reports those that answer. */
export class Namesakes {
  readonly #number = randomBytes(8).toString("hex");
  readonly #options: NamesakeOptions;
  readonly #known = new Set<string>();
  #answeredMs = -Infinity;

  constructor(options: NamesakeOptions) {
    this.#options = options;
  }

  /** To be called whenever the topic of the name can be heard. */
  greet(): void {
    this.#options.say(`hello ${this.#number}`);
  }

  /** Takes a message of the topic of the name. */
  hear(text: string, nowMs: number = performance.now()): void {
    const [, kind, number] = MESSAGE.exec(text) ?? [];
    if (number === undefined || number === this.#number) return;
    const isNew = !this.#known.has(number);
    // Who greets came later, and says so itself. It stays known when a restarted broker makes both greet again.
    const hasRoom = this.#known.size < MAX_KNOWN;
    if (hasRoom) this.#known.add(number);
    if (kind === "here" && isNew && hasRoom) this.#options.onNamesake();
    if (kind === "hello" && nowMs - this.#answeredMs >= ANSWER_EVERY_MS) {
      this.#answeredMs = nowMs;
      this.#options.say(`here ${this.#number}`);
    }
  }
}
