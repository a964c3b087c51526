/** A server process that a test starts, signals and ends. */
import { sendSignal } from "../../lib/send_signal.ts";
import { listening } from "./free_port.ts";

/** A server process of a test, killed when the test ends, however it ends. */
export class Server implements AsyncDisposable {
  #process: Deno.ChildProcess | undefined;

  constructor(
    readonly port: number,
    private readonly program: string,
    private readonly args: readonly string[],
    private readonly env: Record<string, string> = {},
  ) {}

  /** Starts it, or starts it again, and waits until it listens. */
  async start(): Promise<void> {
    const command = new Deno.Command(this.program, {
      args: [...this.args],
      env: this.env,
      stdin: "null",
      stdout: "null",
      stderr: "null",
    });
    this.#process = command.spawn();
    const { status } = this.#process;
    let isListening = false;
    // Otherwise a test would talk to another program, which took the port a moment before.
    const ended = status.then(({ code }) => {
      if (!isListening) throw new Error(`${this.program} ended with code ${code}, without port ${this.port}`);
    });
    await Promise.race([listening(this.port), ended]);
    isListening = true;
  }

  /** Kills it with signal 9, like a power cut. */
  async kill(): Promise<void> {
    this.signal("SIGKILL");
    await this.#process?.status;
    this.#process = undefined;
  }

  /** Sends a signal, such as SIGSTOP to freeze it. */
  signal(name: Deno.Signal): void {
    if (this.#process) sendSignal(this.#process, name);
  }

  /** The process id. */
  get pid(): number {
    return this.#process!.pid;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}
