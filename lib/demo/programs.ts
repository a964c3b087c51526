/** The programs of a running demo, and the folder of their outboxes. Nothing of either is left when the demo ends. */
import { type Child, startChild } from "./child.ts";
import { Guard } from "./guard.ts";
import { PartLog } from "./part_log.ts";

/** Takes what the programs say. */
interface ProgramsOptions {
  /** A temporary folder, removed with the programs. */
  readonly folder: string;
  readonly onWarning: (program: string, text: string) => void;
}

/** How one program is started. */
interface LaunchOptions {
  readonly env?: Record<string, string>;
  /** Called for each line of its log below a warning. */
  readonly onInfo?: (text: string) => void;
}

/** The exit after a second Ctrl-C, and errors that nobody expects. */
const ENDS = ["unload", "error", "unhandledrejection"];

/** The running programs. */
export class Programs implements AsyncDisposable {
  readonly #children: { readonly child: Child; readonly log: PartLog }[] = [];
  readonly #guard: Guard;

  constructor(private readonly options: ProgramsOptions) {
    this.#guard = new Guard(options.folder);
    for (const event of ENDS) globalThis.addEventListener(event, this.#removeNow);
  }

  /** Starts a program, whose log the demo reads. */
  launch(name: string, args: readonly string[], { env, onInfo = () => {} }: LaunchOptions = {}): void {
    const log = new PartLog(name);
    const onErrorLine = (line: string) => {
      const { isWarning, text } = log.read(line);
      if (isWarning) this.options.onWarning(name, text);
      else onInfo(text);
    };
    const flags = ["--log-format", "json", "--log-level", "info", "--status", "off"];
    const child = startChild(name, [...flags, ...args], { env, onErrorLine });
    this.#guard.add(child.pid);
    this.#children.push({ log, child });
  }

  /**
   * Resolves on abort, or when a program has ended well. Throws with the message and the exit code of a program that
   * fails before.
   */
  async anyEnds({ signal }: { signal: AbortSignal }): Promise<void> {
    if (signal.aborted) return;
    const stopped = new Promise<undefined>((resolve) =>
      signal.addEventListener("abort", () => resolve(undefined))
    );
    const ends = this.#children.map(async ({ child, log }) => ({ code: (await child.ended).code, log }));
    const ended = await Promise.race([stopped, ...ends]);
    if (ended && ended.code !== 0) throw ended.log.failure(ended.code);
  }

  /** Stops the programs of this name, and resolves when they have ended. */
  async stop(name: string): Promise<void> {
    await Promise.all(this.#children.map(({ child }) => child.name === name && child.stop()));
  }

  /** Stops all programs, and removes the folder. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#children.map(({ child }) => child.stop()));
    this.#removeNow();
    await this.#guard[Symbol.asyncDispose]();
    for (const event of ENDS) globalThis.removeEventListener(event, this.#removeNow);
  }

  readonly #removeNow = () => {
    for (const { child } of this.#children) child.kill();
    try {
      Deno.removeSync(this.options.folder, { recursive: true });
    } catch (error) {
      // A program that is being killed may still write a file. The guard removes the folder when all have ended.
      if (!(error instanceof Deno.errors.NotFound)) return;
    }
    this.#guard.kill();
  };
}
