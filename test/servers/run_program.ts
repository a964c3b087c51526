/** Our programs as child processes, with what they print. */
import { resolve } from "node:path";
import { atMost } from "../../lib/async/delay.ts";
import { sendSignal } from "../../lib/send_signal.ts";
import { ROOT } from "../../lib/testing/files.ts";
import { sourceCommand } from "../../lib/demo/child.ts";
import { descendants, killAll } from "./descendants.ts";

/** A program that should end by itself does so within this time. */
const END_LIMIT_MS = 120_000;

/** How one of our programs ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** One of our programs, started as a user starts it, and ended with the test. */
export class RunningProgram implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  /** Resolves at the end of the program and of its output, without a limit. */
  readonly end: Promise<Ended>;
  #isRunning = true;
  readonly #watchers = new Set<() => void>();
  readonly #input: WritableStreamDefaultWriter<Uint8Array> | undefined;
  stdout = "";
  stderr = "";

  constructor(
    readonly name: string,
    args: readonly string[],
    { env = {}, command = programCommand(name), stdin = "null" }: {
      env?: Record<string, string>;
      command?: readonly string[];
      /** `piped` for a program that {@link type} writes to. */
      stdin?: "null" | "piped";
    } = {},
  ) {
    const [program, ...first] = command;
    this.#process = new Deno.Command(program, {
      args: [...first, ...args],
      // Tests of delivery count every detection in every frame.
      env: { NO_COLOR: "1", HAARLEM_FACES: "every", HAARLEM_MOTION: "off", ...env },
      stdin,
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#input = stdin === "piped" ? this.#process.stdin.getWriter() : undefined;
    this.end = this.#untilEnd();
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** Writes to the standard input of a program that was started with `stdin: "piped"`. */
  async type(text: string): Promise<void> {
    await this.#input!.write(new TextEncoder().encode(text));
  }

  signal(name: Deno.Signal): void {
    sendSignal(this.#process, name);
  }

  /** kill -9. What the program has started stays. */
  async kill(): Promise<void> {
    this.signal("SIGKILL");
    await this.ended();
  }

  /** Waits for the end; throws after `limitMs`. */
  async ended({ limitMs = END_LIMIT_MS } = {}): Promise<Ended> {
    const ended = await atMost(limitMs, this.end);
    if (ended) return ended;
    throw new Error(`${this.name} did not end within ${limitMs / 1000} s:\n${this.stdout}${this.stderr}`);
  }

  /** Resolves when `pattern` was printed on either stream; throws when the program ends or `limitMs` passes first. */
  async printed(pattern: RegExp, { limitMs = 60_000 } = {}): Promise<RegExpExecArray> {
    const found = () => pattern.exec(this.stdout) ?? pattern.exec(this.stderr);
    const ended = this.end.then(() => true);
    const untilMs = performance.now() + limitMs;
    for (;;) {
      const match = found();
      if (match) return match;
      const over = await Promise.race([ended, this.#change(Math.min(500, untilMs - performance.now()))]);
      if (!found() && (over === true || performance.now() > untilMs)) {
        for (const watcher of this.#watchers) watcher(); // Clears the last timer.
        throw new Error(`${this.name} did not print ${pattern}:\n${this.stdout}${this.stderr}`);
      }
    }
  }

  /** Kills it with all that it has started, which would hold its output open. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isRunning) killAll([this.pid, ...descendants(this.pid)]);
    await this.ended();
  }

  async #untilEnd(): Promise<Ended> {
    const output = Promise.all([
      this.#collect(this.#process.stdout, (text) => this.stdout += text),
      this.#collect(this.#process.stderr, (text) => this.stderr += text),
    ]);
    const { code } = await this.#process.status;
    this.#isRunning = false;
    await output;
    await this.#input?.close().catch(() => {}); // It was closed before, or broke with the program.
    return { code, stdout: this.stdout, stderr: this.stderr };
  }

  #change(limitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#watchers.delete(done);
        resolve();
      };
      const timer = setTimeout(done, Math.max(0, limitMs));
      this.#watchers.add(done);
    });
  }

  async #collect(stream: ReadableStream<Uint8Array>, take: (text: string) => void): Promise<void> {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      take(text);
      for (const watcher of this.#watchers) watcher();
    }
  }
}

/** Runs a program to its end. */
export async function runProgram(
  name: string,
  args: readonly string[],
  options: { env?: Record<string, string>; command?: readonly string[] } = {},
): Promise<Ended> {
  await using program = new RunningProgram(name, args, options);
  return await program.ended();
}

/** The command of a program: its source, or with HAARLEM_EXECUTABLES=dist the executable in that folder. */
export function programCommand(name: string): string[] {
  const folder = Deno.env.get("HAARLEM_EXECUTABLES");
  const executable = folder && resolve(ROOT, folder, Deno.build.target, `haarlem-${name}`);
  return executable && isThere(executable) ? [executable] : sourceCommand(name);
}

/** Programs that are not shipped, such as the demo, have no executable. */
function isThere(file: string): boolean {
  try {
    return Deno.statSync(file).isFile;
  } catch {
    return false;
  }
}
