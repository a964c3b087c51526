/**
 * Reports the health of a program to systemd (sd_notify(3)): READY when it does its job for the first time, STATUS for
 * `systemctl status`, WATCHDOG while it is alive, STOPPING at the end. systemd asks for it with NOTIFY_SOCKET; the unit
 * needs Type=notify and, for Deno 2.6, RuntimeDirectory.
 */
import { join } from "node:path";
import { atMost } from "../async/delay.ts";
import { Outage, sinceMinutes } from "../async/outage.ts";
import { ignoreMissing } from "../durable_file.ts";
import { messageOf } from "../errors.ts";
import type { Log } from "../log.ts";
import { printable } from "../printable.ts";
import type { Health } from "./health.ts";

const STATUS_MS = 10_000;
/** While the program is not ready, each report extends systemd's start timeout by this many intervals. */
const EXTENDED_INTERVALS = 3;
/** systemd is reported when it has not taken a message within this time. The program does not wait longer at its end. */
const SEND_MS = 1_000;
const READY = "READY=1";
const STOPPING = "STOPPING=1";
/** More characters of a line than these are cut. */
const STATUS_MAX = 500;

/** The variables that systemd sets for a service, as they are. */
export interface SystemdEnvironment {
  /** NOTIFY_SOCKET */
  readonly socket?: string;
  /** WATCHDOG_USEC */
  readonly watchdogUsec?: string;
  /** WATCHDOG_PID */
  readonly watchdogPid?: string;
  /** RUNTIME_DIRECTORY: one or several folders. */
  readonly runtimeDirectory?: string;
}

/** Where messages go. At most one is sent at a time: Deno's sockets refuse a second one. */
export interface Notifications {
  send(text: string): Promise<void>;
  close(): void;
}

/** Reports to systemd until it is disposed of. Returns nothing where systemd does not listen. */
export function notifySystemd(
  health: Health,
  environment: SystemdEnvironment,
  { signal, log, open = (socket, folder) => new NotifySocket(socket, folder) }: {
    signal: AbortSignal;
    log: Log;
    /** Tests replace it. */
    open?: (socket: string, folder?: string) => Notifications;
  },
): AsyncDisposable | undefined {
  const { socket, runtimeDirectory } = environment;
  if (!socket) return undefined;
  try {
    const folder = runtimeDirectory?.split(":")[0];
    return new Reporter(health, watchdogMs(environment), open(socket, folder), { signal, log });
  } catch (error) {
    warn(log, messageOf(error));
  }
}

/** systemd restarts the program after this long without a sign of life; 0: it does not watch this process. */
function watchdogMs({ watchdogUsec, watchdogPid }: SystemdEnvironment): number {
  const isOurs = !watchdogPid || Number(watchdogPid) === Deno.pid;
  return isOurs ? Number(watchdogUsec) / 1000 || 0 : 0;
}

/** Sends the health when it changes and at an interval. */
class Reporter implements AsyncDisposable {
  readonly #intervalMs: number;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #stopping = () => this.#send(STOPPING, "STATUS=stopping");
  #wasReady = false;
  #wasAlive = true;
  readonly #outage: Outage;
  /** What is sent after the message under way. A newer message replaces it. */
  #next: readonly string[] | undefined;
  #isSending = false;
  #sent: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(
    private readonly health: Health,
    private readonly watchdogMs: number,
    private readonly socket: Notifications,
    private readonly around: { readonly signal: AbortSignal; readonly log: Log },
  ) {
    const { log } = around;
    this.#outage = new Outage({
      down: (reason, lastedMs) => warn(log, reason, lastedMs),
      up: () => log.info("health is reported to systemd again"),
    });
    this.#intervalMs = Math.min(STATUS_MS, watchdogMs / 2 || STATUS_MS);
    this.#timer = setInterval(() => this.#report(), this.#intervalMs);
    around.signal.addEventListener("abort", this.#stopping);
    health.onChange = () => this.#report();
    this.#report();
  }

  #report(): void {
    if (this.around.signal.aborted) return;
    const { notAlive, notReady, done } = this.health;
    const isFirst = !notReady && !this.#wasReady;
    this.#wasReady ||= isFirst;
    if (notAlive && this.#wasAlive && this.watchdogMs > 0) {
      this.around.log.error(`stuck, ${notAlive}; systemd's watchdog will restart the program`);
    }
    this.#wasAlive = !notAlive;
    const counts = Object.entries(done).filter(([, value]) => value !== undefined);
    const reason = notAlive ? `stuck, ${notAlive}` : notReady;
    this.#send(
      isFirst && READY,
      `STATUS=${
        [reason, ...counts.map(([name, value]) => `${name}=${value}`)].filter(Boolean).join(" ") || "ready"
      }`,
      // A program that waits for a broker has not failed to start, however long it waits.
      !notAlive && !this.#wasReady &&
        `EXTEND_TIMEOUT_USEC=${Math.ceil(this.#intervalMs * EXTENDED_INTERVALS * 1000)}`,
      !notAlive && this.watchdogMs > 0 && "WATCHDOG=1",
    );
  }

  /** Sends a message after the one under way. */
  #send(...lines: (string | false)[]): void {
    const next = lines.filter((line) => line !== false);
    // It is said once only.
    if (this.#next?.includes(READY) && !next.includes(STOPPING)) next.unshift(READY);
    this.#next = next;
    if (!this.#isSending) this.#sent = this.#sendAll();
  }

  async #sendAll(): Promise<void> {
    this.#isSending = true;
    for (let lines = this.#next; lines; lines = this.#next) {
      this.#next = undefined;
      const texts = lines.map((line) => printable(line.replaceAll("\n", " "), { max: STATUS_MAX }));
      await this.#deliver(texts.join("\n"));
    }
    this.#isSending = false;
  }

  async #deliver(text: string): Promise<void> {
    try {
      const sent = this.socket.send(text);
      const isOver = await atMost(SEND_MS, sent.then(() => true, () => true));
      if (!isOver) this.#failed("systemd does not take messages");
      await sent;
      this.#outage.worked();
    } catch (error) {
      this.#failed(messageOf(error));
    }
  }

  #failed(reason: string): void {
    if (!this.#isClosed) this.#outage.failed(reason);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    this.health.onChange = () => {};
    this.around.signal.removeEventListener("abort", this.#stopping);
    // The status keeps the last state before the end.
    if (!this.around.signal.aborted) this.#send(STOPPING);
    await atMost(SEND_MS, this.#sent);
    this.#isClosed = true;
    this.socket.close();
  }
}

/** Deno sends datagrams only from a socket with its own address. */
class NotifySocket implements Notifications {
  readonly #socket: Deno.DatagramConn;
  readonly #own: string;
  readonly #to: Deno.UnixAddr;

  /** @param folder where the socket of this process is made; without one it has an abstract address. */
  constructor(socket: string, folder?: string) {
    if (typeof Deno.listenDatagram !== "function") throw new Error("Deno runs without --unstable-net");
    this.#to = { transport: "unixpacket", path: asPath(socket) };
    const name = `haarlem-${Deno.pid}.notify`;
    this.#own = asPath(folder ? join(folder, name) : `@${name}`);
    if (folder) removeIfExists(this.#own); // Left by an earlier process with the same number.
    this.#socket = Deno.listenDatagram({ transport: "unixpacket", path: this.#own });
  }

  async send(text: string): Promise<void> {
    await this.#socket.send(new TextEncoder().encode(text), this.#to);
  }

  close(): void {
    this.#socket.close();
    if (!this.#own.startsWith("\0")) removeIfExists(this.#own);
  }
}

/** An abstract address of Linux, written with an @, begins with a zero byte. Deno 2.6 does not support them. */
function asPath(address: string): string {
  return address.replace(/^@/, "\0");
}

function removeIfExists(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    ignoreMissing(error);
  }
}

function warn(log: Log, reason: string, lastedMs = 0): void {
  log.warn(`cannot report health to systemd: ${reason}`, {
    needed: "RuntimeDirectory= in the unit, and a NOTIFY_SOCKET below /run",
    ...sinceMinutes(lastedMs),
  });
}
