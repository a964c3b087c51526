/** The log of one program of the demo: what it says, and why it ended. */
import { ConfigError, FatalError } from "../errors.ts";
import { printable } from "../printable.ts";

/** Lines that are kept for the error of a program that ends. */
const MAX_KEPT = 20;
const EXIT_CONFIG = 78;
const REMEDY_MARK = "Try:";

/** What a line of the log tells the demo. */
export interface PartLine {
  readonly isWarning: boolean;
  readonly text: string;
}

/** The lines of one program: JSON (`--log-format json`), or text before the program has read its settings. */
export class PartLog {
  readonly #kept: { readonly text: string; readonly hint?: string }[] = [];

  constructor(private readonly name: string) {}

  /** Takes a line. */
  read(line: string): PartLine {
    const { level, message, hint } = parsed(line);
    const text = printable(message);
    const isWarning = level !== "info" && level !== "debug";
    if (isWarning) {
      this.#kept.push({ text, hint });
      if (this.#kept.length > MAX_KEPT) this.#kept.shift();
    }
    return { isWarning, text };
  }

  /** The error that ends the demo when the program has ended with this code: its own message, hint and code. */
  failure(code: number): Error {
    const { message, hint } = this.#reason();
    const what = message === undefined
      ? `cannot continue the demo: the ${this.name} ended with exit code ${code}`
      : `cannot continue the demo: ${this.name}: ${message}`;
    const remedy = hint ?? `run ./haarlem ${this.name} --log-level debug to see more`;
    return code === EXIT_CONFIG ? new ConfigError(what, remedy) : new FatalError(what, remedy);
  }

  /** The last lines: one JSON line, or lines that begin with the program's name and a line with the hint. */
  #reason(): { message?: string; hint?: string } {
    const last = this.#kept.at(-1);
    if (last?.hint !== undefined) return { message: last.text, hint: last.hint };
    const prefix = `${this.name}: `;
    const messages = this.#kept.filter(({ text }) => text.startsWith(prefix)).map(({ text }) =>
      text.slice(prefix.length)
    );
    const hint = this.#kept.findLast(({ text }) => text.startsWith(REMEDY_MARK))?.text.slice(
      REMEDY_MARK.length,
    ).trim();
    return { message: messages.length > 0 ? messages.join("\n") : last?.text, hint };
  }
}

function parsed(line: string): { level: string; message: string; hint?: string } {
  try {
    const { level, message, hint } = JSON.parse(line);
    if (typeof level === "string" && typeof message === "string") return { level, message, hint };
  } catch {
    // Text.
  }
  return { level: "error", message: line };
}
