/** A stand-in for systemd's notification socket. */
import { join } from "node:path";

/** What systemd is to a service: an environment, a runtime folder and a socket that hears sd_notify(3). */
export class FakeSystemd implements AsyncDisposable {
  readonly #socket: Deno.DatagramConn;
  readonly #hearing: Promise<void>;
  readonly #folder: string;
  /** Each message with its time (`performance.now()`). */
  readonly heard: { readonly atMs: number; readonly lines: readonly string[] }[] = [];

  constructor(private readonly watchdogMs = 0, { abstract = false } = {}) {
    this.#folder = Deno.makeTempDirSync({ dir: runFolder(), prefix: "haarlem-test-" });
    const path = abstract ? `\0${this.#folder}` : join(this.#folder, "notify");
    this.#socket = Deno.listenDatagram({ transport: "unixpacket", path });
    this.#hearing = this.#hear();
    this.env = {
      NOTIFY_SOCKET: path.replace("\0", "@"),
      RUNTIME_DIRECTORY: this.#folder,
      ...(this.watchdogMs > 0 ? { WATCHDOG_USEC: String(this.watchdogMs * 1000) } : {}),
    };
  }

  /** For the program that is its service. */
  readonly env: Record<string, string>;

  /** All lines so far. */
  get lines(): readonly string[] {
    return this.heard.flatMap(({ lines }) => lines);
  }

  /** How often it was told that the program is alive since `sinceMs`. */
  pings(sinceMs = 0): number {
    return this.heard.filter(({ atMs, lines }) => atMs > sinceMs && lines.includes("WATCHDOG=1")).length;
  }

  /** Waits for a line, said before or to be said. */
  async told(pattern: RegExp, { limitMs = 60_000, sinceMs = 0 } = {}): Promise<string> {
    const untilMs = performance.now() + limitMs;
    for (;;) {
      const lines = this.heard.filter(({ atMs }) => atMs > sinceMs).flatMap(({ lines }) => lines);
      const line = lines.find((line) => pattern.test(line));
      if (line !== undefined) return line;
      if (performance.now() > untilMs) {
        throw new Error(`systemd was not told ${pattern}:\n${this.lines.join("\n")}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async #hear(): Promise<void> {
    for await (const [bytes] of this.#socket) {
      this.heard.push({ atMs: performance.now(), lines: new TextDecoder().decode(bytes).split("\n") });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close();
    await this.#hearing;
    await Deno.remove(this.#folder, { recursive: true });
  }
}

/** Where a service's runtime folder lies, and programs may write: below /run. */
function runFolder(): string {
  return Deno.uid() === 0 ? "/run" : Deno.env.get("XDG_RUNTIME_DIR") ?? Deno.makeTempDirSync();
}
