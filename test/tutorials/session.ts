/** Runs the shell blocks of a document as a reader does: in one folder, with terminals that stay open. */
import { dirname } from "node:path";
import { ROOT } from "../../lib/testing/files.ts";
import { until } from "../../lib/testing/until.ts";
import { cachePath } from "../parts.ts";
import { missingLine, replaceEach, type StandIn, type Step } from "./blocks.ts";

/** A block that does not end by itself is ended after this time. */
const BLOCK_LIMIT_MS = 180_000;

/** A terminal prints what the document promises within this time. */
const PRINT_LIMIT_MS = 60_000;

/** A terminal whose programs have not ended this long after Ctrl-C is killed. */
const STOP_LIMIT_MS = 60_000;

/** One reader. */
export class Session implements AsyncDisposable {
  readonly folder = Deno.makeTempDirSync({ prefix: "haarlem-reader-" });
  readonly #terminals = new Map<string, Terminal>();
  readonly #environment: string;

  /** @param standIns replaced in every block. @param env variables beside those of a new login. */
  constructor(
    private readonly standIns: readonly StandIn[],
    private readonly env: Record<string, string> = {},
  ) {
    // A checkout, in whose folder the blocks run.
    for (const name of ["haarlem", "deploy"]) Deno.symlinkSync(`${ROOT}/${name}`, `${this.folder}/${name}`);
    this.#environment = `${this.folder}/.environment`;
    Deno.writeTextFileSync(this.#environment, "");
  }

  /** Runs a step. Returns what it printed. Throws an Error when it fails, or does not print what the document promises. */
  async step(step: Step): Promise<string> {
    const { line, action, detail, code: source, promised } = step;
    if (action === "not run") return "";
    if (action === "stop") return await this.#terminals.get(detail)!.close();
    if (action === "prints") return await this.#prints(this.#terminals.get(detail)!, promised, line);
    if (action === "repeat") {
      let last: unknown;
      const once = () => this.step({ ...step, action: "run" }).catch((error) => void (last = error));
      return await until(once, "it is printed", { everyMs: 500, limitMs: PRINT_LIMIT_MS }).catch(() =>
        Promise.reject(last)
      );
    }
    const script = this.#replaced(source);
    // Variables that a block exports are there in the next ones.
    const whole = `. '${this.#environment}'; set -e\n${script}\n`;
    const end = action === "run" ? `declare -px > '${this.#environment}'` : "";
    const terminal = new Terminal(whole + end, { cwd: this.folder, env: this.#variables() });
    if (action === "background") {
      this.#terminals.set(detail, terminal);
      return await this.#prints(terminal, promised, line);
    }
    const code = await terminal.ended(BLOCK_LIMIT_MS);
    const missing = missingLine(terminal.printed, promised.map((text) => this.#replaced(text)));
    if (code === 0 && missing === undefined) return terminal.printed;
    throw new Error(
      `line ${line}: exit code ${code}, not printed: "${missing}"\n${script}\n---\n${terminal.printed}`,
    );
  }

  /** Waits until a terminal has printed what the document promises. */
  async #prints(terminal: Terminal, promised: readonly string[], line: number): Promise<string> {
    const missing = () => missingLine(terminal.printed, promised.map((text) => this.#replaced(text)));
    const isOver = () => missing() === undefined || terminal.code !== undefined;
    await until(isOver, "it is printed", { limitMs: PRINT_LIMIT_MS }).catch(() => {});
    if (missing() === undefined) return terminal.printed;
    throw new Error(`line ${line}: not printed: "${missing()}"\n---\n${terminal.printed}`);
  }

  #replaced(text: string): string {
    return replaceEach(text, this.standIns);
  }

  #variables(): Record<string, string> {
    const path = [dirname(Deno.execPath()), "/usr/local/sbin", "/usr/sbin", Deno.env.get("PATH")].join(":");
    return {
      HOME: this.folder,
      PATH: path,
      HAARLEM_DENO: Deno.execPath(),
      HAARLEM_CACHE: cachePath(),
      DENO_DIR: Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno`,
      NO_COLOR: "1",
      LC_ALL: "C.UTF-8",
      ...this.env,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#terminals.values().map((terminal) => terminal.close()));
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** One terminal: a shell that runs a script, with all programs that it starts. */
class Terminal {
  readonly #shell: Deno.ChildProcess;
  readonly #ended: Promise<number>;
  printed = "";
  code: number | undefined;

  constructor(script: string, { cwd, env }: { cwd: string; env: Record<string, string> }) {
    // setsid gives it a process group of its own, which Ctrl-C reaches as a whole.
    this.#shell = new Deno.Command("setsid", {
      args: ["bash", "-c", `exec 2>&1\n${script}`],
      cwd,
      env,
      clearEnv: true,
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    this.#ended = this.#read();
  }

  async #read(): Promise<number> {
    for await (const text of this.#shell.stdout.pipeThrough(new TextDecoderStream())) this.printed += text;
    this.code = (await this.#shell.status).code;
    return this.code;
  }

  /** Resolves with the exit code. */
  async ended(limitMs: number): Promise<number> {
    const timer = setTimeout(() => void this.#signal("KILL"), limitMs);
    try {
      return await this.#ended;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ctrl-C. Resolves with what was printed when all its programs have ended. */
  async close(): Promise<string> {
    if (this.code === undefined) await this.#signal("TERM");
    await this.ended(STOP_LIMIT_MS);
    return this.printed;
  }

  async #signal(name: string): Promise<void> {
    await new Deno.Command("bash", { args: ["-c", `kill -${name} -- -${this.#shell.pid}`], stderr: "null" })
      .output();
  }
}
