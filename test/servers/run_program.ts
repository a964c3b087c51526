/** Our programs as child processes, with what they print. */
import { resolve } from "node:path";
import { sendSignal } from "../../lib/send_signal.ts";
import { ROOT } from "../../lib/testing/files.ts";
import { sourceCommand } from "../../lib/demo/child.ts";

/** How one of our programs ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** One of our programs, started as a user starts it, and ended with the test. */
export class RunningProgram implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #streams: Promise<unknown>;
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
    this.#streams = Promise.all([
      this.#collect(this.#process.stdout, (text) => this.stdout += text),
      this.#collect(this.#process.stderr, (text) => this.stderr += text),
    ]);
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

  /** kill -9. */
  async kill(): Promise<void> {
    this.signal("SIGKILL");
    await this.ended();
  }

  /** Waits for the end. */
  async ended(): Promise<Ended> {
    const { code } = await this.#process.status;
    await this.#streams;
    await this.#input?.close().catch(() => {}); // It was closed before, or broke with the program.
    return { code, stdout: this.stdout, stderr: this.stderr };
  }

  /** Resolves when `pattern` was printed on either stream; throws when the program ends or `limitMs` passes first. */
  async printed(pattern: RegExp, { limitMs = 60_000 } = {}): Promise<RegExpExecArray> {
    const found = () => pattern.exec(this.stdout) ?? pattern.exec(this.stderr);
    const ended = this.ended().then(() => true);
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

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
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

/** A program that does not end by itself is killed after this time. */
const RUN_LIMIT_MS = 120_000;

/** Runs a program to its end. */
export async function runProgram(
  name: string,
  args: readonly string[],
  options: { env?: Record<string, string>; command?: readonly string[] } = {},
): Promise<Ended> {
  await using program = new RunningProgram(name, args, options);
  const timer = setTimeout(() => program.signal("SIGKILL"), RUN_LIMIT_MS);
  try {
    return await program.ended();
  } finally {
    clearTimeout(timer);
  }
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
