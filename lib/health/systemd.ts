/**
 * Tells systemd how a program health (sd_notify(3)): READY when it does its job for the first time, STATUS for
 * `systemctl status`, WATCHDOG while it is alive, STOPPING at the end. Only where systemd asks for it by
 * NOTIFY_SOCKET; a unit needs Type=notify and, for Deno 2.6, RuntimeDirectory.
 */
import { join } from "node:path";
import { messageOf } from "../errors.ts";
import { Outage, sinceMinutes } from "../async/outage.ts";
import { printable } from "../printable.ts";
import { atMost } from "../async/delay.ts";
import type { Health } from "./health.ts";
import type { Log } from "../log.ts";

const STATUS_MS = 10_000;
/** A start that takes longer than systemd thinks is extended by so many pauses between two reports. */
const EXTENDED_PAUSES = 3;
const SEND_MS = 1_000;
const STATUS_MAX = 500;

/** What systemd's environment says. */
interface Wishes {
  readonly socket: string;
  /** Without a sign of life for so long systemd starts the program anew; 0: it does not look. */
  readonly watchdogMs: number;
  readonly folder: string | undefined;
}

/** Reports to systemd from now on, if there is one that listens; until it is disposed of. */
export function tellSystemd(
  health: Health,
  { signal, log }: { signal: AbortSignal; log: Log },
): AsyncDisposable | undefined {
  const wishes = takeWishes();
  if (!wishes) return undefined;
  try {
    return new Reporter(health, wishes, new NotifySocket(wishes), { signal, log });
  } catch (error) {
    warn(log, messageOf(error));
  }
}

/** Reads and removes what systemd put into the environment: it is not for the programs that this one starts. */
function takeWishes(): Wishes | undefined {
  const take = (name: string) => {
    const value = Deno.env.get(name);
    if (value !== undefined) Deno.env.delete(name);
    return value;
  };
  const [socket, usec, pid] = ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"].map(take);
  if (!socket) return undefined;
  const isOurs = !pid || Number(pid) === Deno.pid;
  return {
    socket,
    watchdogMs: isOurs ? Number(usec) / 1000 || 0 : 0,
    folder: Deno.env.get("RUNTIME_DIRECTORY")?.split(":")[0],
  };
}

/** Says how things are when they change and every so often. */
class Reporter implements AsyncDisposable {
  readonly #pauseMs: number;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #stopping = () => this.#say("STOPPING=1", "STATUS=stopping");
  #wasReady = false;
  #wasStuck = false;
  readonly #outage: Outage;
  #sent: Promise<void> = Promise.resolve();

  constructor(
    private readonly health: Health,
    private readonly wishes: Wishes,
    private readonly socket: NotifySocket,
    private readonly around: { readonly signal: AbortSignal; readonly log: Log },
  ) {
    const { log } = around;
    this.#outage = new Outage({
      down: (reason, lastedMs) => warn(log, reason, lastedMs),
      up: () => log.info("systemd is told again how this program health"),
    });
    this.#pauseMs = Math.min(STATUS_MS, wishes.watchdogMs / 2 || STATUS_MS);
    this.#timer = setInterval(() => this.#report(), this.#pauseMs);
    around.signal.addEventListener("abort", this.#stopping);
    health.onChange = () => this.#report();
    this.#report();
  }

  #report(): void {
    if (this.around.signal.aborted) return;
    const { notAlive, notReady, done } = this.health;
    const isFirst = !notReady && !this.#wasReady;
    this.#wasReady ||= isFirst;
    if (notAlive && !this.#wasStuck && this.wishes.watchdogMs > 0) {
      this.around.log.error(`stuck, ${notAlive}; systemd's watchdog will start the program anew`);
    }
    this.#wasStuck = notAlive !== undefined;
    const counts = Object.entries(done).filter(([, value]) => value !== undefined);
    const reason = notAlive ? `stuck, ${notAlive}` : notReady;
    this.#say(
      isFirst && "READY=1",
      `STATUS=${
        [reason, ...counts.map(([name, value]) => `${name}=${value}`)].filter(Boolean).join(" ") || "ready"
      }`,
      // Waiting for a broker is no failure to start, however long it takes.
      !notAlive && !this.#wasReady &&
        `EXTEND_TIMEOUT_USEC=${Math.ceil(this.#pauseMs * EXTENDED_PAUSES * 1000)}`,
      !notAlive && this.wishes.watchdogMs > 0 && "WATCHDOG=1",
    );
  }

  /** One message after the other. */
  #say(...lines: (string | false)[]): void {
    const text = lines.filter((line) => line !== false).map((line) =>
      printable(line.replaceAll("\n", " "), { max: STATUS_MAX })
    ).join("\n");
    this.#sent = this.#sent.then(() => atMost(SEND_MS, this.#send(text)));
  }

  async #send(text: string): Promise<void> {
    try {
      await this.socket.send(text);
      this.#outage.worked();
    } catch (error) {
      this.#outage.failed(messageOf(error));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    this.health.onChange = () => {};
    this.around.signal.removeEventListener("abort", this.#stopping);
    // The status still says what it was like before.
    if (!this.around.signal.aborted) this.#say("STOPPING=1");
    await this.#sent;
    this.socket.close();
  }
}

/** Deno sends datagrams only from a socket with an address of its own. */
class NotifySocket {
  readonly #socket: Deno.DatagramConn;
  readonly #own: string;
  readonly #to: Deno.UnixAddr;

  constructor({ socket, folder }: Wishes) {
    if (typeof Deno.listenDatagram !== "function") throw new Error("Deno runs without --unstable-net");
    this.#to = { transport: "unixpacket", path: asPath(socket) };
    const name = `haarlem-${Deno.pid}.notify`;
    this.#own = asPath(folder ? join(folder, name) : `@${name}`);
    if (folder) removeIfThere(this.#own); // From a process of the same number before.
    this.#socket = Deno.listenDatagram({ transport: "unixpacket", path: this.#own });
  }

  async send(text: string): Promise<void> {
    await this.#socket.send(new TextEncoder().encode(text), this.#to);
  }

  close(): void {
    this.#socket.close();
    if (!this.#own.startsWith("\0")) removeIfThere(this.#own);
  }
}

/** Linux's abstract addresses, written with an @, begin with a zero. Deno 2.6 does not know them. */
function asPath(address: string): string {
  return address.replace(/^@/, "\0");
}

function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

function warn(log: Log, reason: string, lastedMs = 0): void {
  log.warn(`cannot tell systemd how this program health: ${reason}`, {
    needed: "RuntimeDirectory= in the unit, and a NOTIFY_SOCKET below /run",
    ...sinceMinutes(lastedMs),
  });
}
