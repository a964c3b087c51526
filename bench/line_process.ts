/** A child process that exchanges lines of JSON. */
import { FatalError } from "../lib/errors.ts";

/** Sends requests to a child process and reads its responses, one line of JSON each. */
export class LineProcess implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #reader: ReadableStreamDefaultReader<string>;
  #rest = "";

  constructor(readonly program: string, args: string[], env: Record<string, string> = {}) {
    this.#child = new Deno.Command(program, { args, env, stdin: "piped", stdout: "piped" }).spawn();
    this.#writer = this.#child.stdin.getWriter();
    this.#reader = this.#child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  async write(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    await this.#writer.write(bytes);
  }

  async writeLine(request: unknown): Promise<void> {
    await this.write(new TextEncoder().encode(`${JSON.stringify(request)}\n`));
  }

  /** The next response. Throws a FatalError when the program has ended. */
  async readLine<T>(): Promise<T> {
    while (!this.#rest.includes("\n")) {
      const { value, done } = await this.#reader.read();
      if (done) throw new FatalError(`"${this.program}" ended without a response`);
      this.#rest += value;
    }
    const end = this.#rest.indexOf("\n");
    const line = this.#rest.slice(0, end);
    this.#rest = this.#rest.slice(end + 1);
    return JSON.parse(line);
  }

  /** Closes the input, which ends the program, and waits for the end. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writer.close().catch(() => {});
    await this.#reader.cancel();
    await this.#child.status;
  }
}
