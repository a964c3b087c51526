/**
 * A program on a pseudo-terminal, and what the terminal shows: `script` (util-linux) makes the terminal, xterm.js
 * interprets what the program writes to it.
 */
import xterm from "@xterm/headless";
import { findProgram } from "../parts.ts";
import { run } from "../../lib/testing/command.ts";
import { skipUnless } from "../../lib/testing/skip.ts";
import { RunningProgram } from "./run_program.ts";

/** Leaves a test out where `script` is missing. */
export function needsTerminal() {
  return skipUnless(
    findProgram("script") !== undefined,
    "tests on a terminal",
    "install what Debian calls bsdutils",
  );
}

/** What the program starts with. */
interface TerminalOptions {
  readonly columns?: number;
  readonly env?: Readonly<Record<string, string>>;
}

const ROWS = 40;

/** A command on a terminal of its own. Both of its output streams go there. */
export class PseudoTerminal implements AsyncDisposable {
  readonly #screen: InstanceType<typeof xterm.Terminal>;
  readonly #program: RunningProgram;
  /** How much of the output the screen has. */
  #interpreted = 0;

  /** @param command a command line of a shell. */
  constructor(command: string, { columns = 80, env = {} }: TerminalOptions = {}) {
    this.#screen = new xterm.Terminal({ cols: columns, rows: ROWS, allowProposedApi: true });
    const inside = `tty; stty cols ${columns} rows ${ROWS}; exec ${command}`;
    this.#program = new RunningProgram("script", [], {
      command: ["script", "--quiet", "--flush", "--return", "--command", inside, "/dev/null"],
      env: { TERM: "xterm-256color", NO_COLOR: "", ...env },
      stdin: "piped",
    });
  }

  /** Everything that was written to the terminal. */
  get written(): string {
    return this.#program.stdout;
  }

  get pid(): number {
    return this.#program.pid;
  }

  /** Presses keys; `\x03` is Ctrl-C. */
  async type(keys: string): Promise<void> {
    await this.#program.type(keys);
  }

  /** Resolves when the program has written this. */
  async wrote(pattern: RegExp): Promise<RegExpExecArray> {
    return await this.#program.printed(pattern);
  }

  /** The lines that the terminal shows, without empty ones and without the name of the terminal. */
  async shown(): Promise<string[]> {
    const { written } = this;
    await new Promise<void>((resolve) => this.#screen.write(written.slice(this.#interpreted), resolve));
    this.#interpreted = written.length;
    const { active } = this.#screen.buffer;
    const lines = Array.from(
      { length: active.length },
      (_, row) => active.getLine(row)!.translateToString(true).trimEnd(),
    );
    return lines.slice(1).filter((line) => line !== "");
  }

  /** Makes the terminal narrower or wider, as dragging its window does. */
  async resize(columns: number): Promise<void> {
    const [, name] = /^(\/dev\/\S+)/.exec(this.written)!;
    await run("stty", ["-F", name, "cols", `${columns}`]);
    this.#screen.resize(columns, ROWS);
  }

  async ended(): Promise<number> {
    return (await this.#program.ended()).code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program[Symbol.asyncDispose]();
    this.#screen.dispose();
  }
}
