/**
 * The status of a program while it runs: one line on a terminal, drawn again twice a second; elsewhere a line of the log
 * each minute.
 */
import { every as atInterval } from "../async/every.ts";
import type { Log, LogFields } from "../log.ts";
import { printable } from "../printable.ts";
import type { Status } from "../terminal/status.ts";
import { statusMessage } from "../terminal/status.ts";
import { StatusLine } from "../terminal/status_line.ts";
import { statusText, styled } from "../terminal/status_text.ts";
import { type Terminal, terminalOf } from "../terminal/terminal.ts";

export const STATUS_MODES = ["auto", "log", "off"] as const;
export type StatusMode = typeof STATUS_MODES[number];

const REDRAW_MS = 500;
const LOG_MS = 60_000;

/** What the reports are made of. Tests replace the last two. */
interface StatusOptions {
  readonly mode: StatusMode;
  /** Standard error, where it is a terminal that can show the line. */
  readonly terminal?: Terminal;
  readonly write?: (text: string) => void;
  readonly every?: (ms: number, task: () => void) => Disposable;
}

/** What a program reports its status with. */
export interface ProgramStatus {
  /** Whether the status is drawn on a terminal. */
  readonly isDrawn: boolean;
  /** Reports what `read` returns, again and again from now on. */
  show(read: () => Status): void;
  /** Ends the reports with the summary of a program that comes to an end; the log gets the numbers as well. */
  conclude(text: string, fields: LogFields): void;
}

/** Reports the status until it is disposed of. */
export class StatusReports implements Disposable {
  readonly #terminal: Terminal | undefined;
  readonly #line: StatusLine | undefined;
  readonly #mode: StatusMode;
  readonly #write: (text: string) => void;
  readonly #every: (ms: number, task: () => void) => Disposable;
  #timer: Disposable | undefined;

  constructor({ mode, terminal, write = writeError, every = atInterval }: StatusOptions) {
    this.#mode = mode;
    this.#write = write;
    this.#terminal = mode === "auto" ? terminal : undefined;
    this.#line = this.#terminal && new StatusLine(write, { hasEscapes: this.#terminal.hasColour });
    this.#every = every;
  }

  /** Runs a function that writes whole lines to the terminal. */
  readonly above = (write: () => void): void => this.#line ? this.#line.above(write) : write();

  /** What the program reports with, and the log that takes its lines. */
  for(log: Log): ProgramStatus {
    return {
      isDrawn: this.#terminal !== undefined,
      show: (read) => this.#show(read, log),
      conclude: (text, fields) => this.#conclude(text, fields, log),
    };
  }

  #show(read: () => Status, log: Log): void {
    this.#timer?.[Symbol.dispose]();
    const [terminal, line] = [this.#terminal, this.#line];
    if (terminal && line) {
      const draw = () => line.show(statusText(read(), terminal));
      draw();
      this.#timer = this.#every(REDRAW_MS, draw);
    } else if (this.#mode !== "off") {
      read(); // The rates of the first minute begin here.
      this.#timer = this.#every(LOG_MS, () => log.info(statusMessage(read())));
    }
  }

  #conclude(text: string, fields: LogFields, log: Log): void {
    this[Symbol.dispose]();
    if (!this.#terminal || !this.#line) {
      log.info(text);
      return log.info("done", fields);
    }
    const mark = styled(this.#terminal.hasMarks ? "✓" : "ok", "green", this.#terminal);
    this.#write(`${mark} ${printable(text)}\n`);
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    this.#line?.end();
  }
}

/** Standard error as a terminal; undefined where it is none, or shows no escape codes. */
export function errorTerminal(): Terminal | undefined {
  return terminalOf(Deno.stderr, { term: Deno.env.get("TERM") });
}

function writeError(text: string): void {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) at += Deno.stderr.writeSync(bytes.subarray(at));
}
