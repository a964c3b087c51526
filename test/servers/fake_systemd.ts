/** A stand-in for systemd, as a service sees it: an environment, a runtime folder and the socket of sd_notify(3). */
import { join } from "node:path";

/** Receives the messages of one service. */
export class FakeSystemd implements AsyncDisposable {
  readonly #socket: Deno.DatagramConn;
  readonly #receiving: Promise<void>;
  readonly #waiting = new Set<() => void>();
  readonly #folder: string;
  /** Each message with the time at which the test read it (`performance.now()`), in the order of sending. */
  readonly messages: { readonly atMs: number; readonly lines: readonly string[] }[] = [];

  constructor(private readonly watchdogMs = 0, { abstract = false } = {}) {
    this.#folder = Deno.makeTempDirSync({ dir: runFolder(), prefix: "haarlem-test-" });
    const path = abstract ? `\0${this.#folder}` : join(this.#folder, "notify");
    this.#socket = Deno.listenDatagram({ transport: "unixpacket", path });
    this.#receiving = this.#receive();
    this.env = {
      NOTIFY_SOCKET: path.replace("\0", "@"),
      RUNTIME_DIRECTORY: this.#folder,
      ...(this.watchdogMs > 0 ? { WATCHDOG_USEC: String(this.watchdogMs * 1000) } : {}),
    };
  }

  /** The environment of the program that is its service. */
  readonly env: Record<string, string>;

  /** All lines so far. */
  get lines(): readonly string[] {
    return this.messages.flatMap(({ lines }) => lines);
  }

  /** The number of watchdog messages that were received since `sinceMs`. */
  pings(sinceMs = 0): number {
    return this.#count(/^WATCHDOG=1$/, sinceMs);
  }

  /** The number of watchdog messages that were sent after the first message with a line like this. */
  pingsAfter(pattern: RegExp): number {
    const first = this.messages.findIndex(({ lines }) => lines.some((line) => pattern.test(line)));
    if (first < 0) throw new Error(`systemd did not receive ${pattern}:\n${this.lines.join("\n")}`);
    return this.messages.slice(first + 1).filter(({ lines }) => lines.includes("WATCHDOG=1")).length;
  }

  /** Waits for a line, received before or still to come, and returns it. */
  async received(pattern: RegExp, { limitMs = 60_000, sinceMs = 0 } = {}): Promise<string> {
    await this.receivedTimes(1, pattern, { limitMs, sinceMs });
    return this.#since(sinceMs).find((line) => pattern.test(line))!;
  }

  /** Waits until `times` lines match. */
  async receivedTimes(times: number, pattern: RegExp, { limitMs = 60_000, sinceMs = 0 } = {}): Promise<void> {
    const limit = AbortSignal.timeout(limitMs);
    while (this.#count(pattern, sinceMs) < times) {
      if (limit.aborted) throw new Error(`systemd did not receive ${pattern}:\n${this.lines.join("\n")}`);
      await this.#nextMessage(limit);
    }
  }

  #since(sinceMs: number): string[] {
    return this.messages.filter(({ atMs }) => atMs > sinceMs).flatMap(({ lines }) => lines);
  }

  #count(pattern: RegExp, sinceMs: number): number {
    return this.#since(sinceMs).filter((line) => pattern.test(line)).length;
  }

  #nextMessage(limit: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        limit.removeEventListener("abort", done);
        this.#waiting.delete(done);
        resolve();
      };
      limit.addEventListener("abort", done);
      this.#waiting.add(done);
    });
  }

  async #receive(): Promise<void> {
    for await (const [bytes] of this.#socket) {
      this.messages.push({ atMs: performance.now(), lines: new TextDecoder().decode(bytes).split("\n") });
      for (const done of this.#waiting) done();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close();
    await this.#receiving;
    await Deno.remove(this.#folder, { recursive: true });
  }
}

/** The parent of a service's runtime folder; a service may write below /run. */
function runFolder(): string {
  return Deno.uid() === 0 ? "/run" : Deno.env.get("XDG_RUNTIME_DIR") ?? Deno.makeTempDirSync();
}
