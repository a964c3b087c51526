/**
 * The steps of a task that takes minutes. On a terminal one line says which step runs and for how long, and is replaced
 * by the next; elsewhere each step has a line when it begins:
 *
 *     build: [3/8] compile haarlem for aarch64-unknown-linux-gnu · 12 s
 */
import { every as atInterval } from "../async/every.ts";
import { StatusLine } from "./status_line.ts";
import { cutToColumns } from "./columns.ts";
import type { Terminal } from "./terminal.ts";

const REDRAW_MS = 1_000;

/** What the steps are shown with. Tests replace the last two. */
interface StepOptions {
  /** The task, such as `build`. */
  readonly name: string;
  readonly total: number;
  /** Undefined where lines are written. */
  readonly terminal: Terminal | undefined;
  readonly write: (text: string) => void;
  readonly every?: (ms: number, task: () => void) => Disposable;
  readonly nowMs?: () => number;
}

/** Shows the steps of one task, one after the other. */
export class Steps implements Disposable {
  readonly #line: StatusLine;
  #step = 0;
  #timer: Disposable | undefined;

  constructor(private readonly options: StepOptions) {
    this.#line = new StatusLine(options.write, { hasEscapes: options.terminal?.hasColour ?? false });
  }

  /** A step begins, and the one before has ended. `text` is an imperative, such as `compile haarlem`. */
  begin(text: string): void {
    const { name, total, terminal, write, every = atInterval, nowMs = () => performance.now() } =
      this.options;
    this.#timer?.[Symbol.dispose]();
    const shown = `${name}: [${++this.#step}/${Math.max(this.#step, total)}] ${text}`;
    if (!terminal) return write(`${shown}\n`);
    const beganMs = nowMs();
    const draw = () => {
      const seconds = Math.floor((nowMs() - beganMs) / 1000);
      this.#line.show(cutToColumns(`${shown} · ${seconds} s`, terminal.columns() - 1));
    };
    draw();
    this.#timer = every(REDRAW_MS, draw);
  }

  /** Runs a function that writes whole lines to the terminal. */
  readonly above = (print: () => void): void => this.#line.above(print);

  /** Ends the last step. */
  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
    this.#line.end();
  }
}
