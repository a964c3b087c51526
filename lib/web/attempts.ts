/**
 * Limits the attempts to guess the token. A client has 10 in 15 minutes; beyond them it gets no answer about a token,
 * not even about the right one. Sessions go on: they need no token.
 *
 * Behind a proxy all clients have its address. The last entry of X-Forwarded-For, which the nearest proxy appends, tells
 * them apart; since a client without a proxy can write anything there, the address as a whole has a limit too.
 */
import { RecentMap } from "../recent_map.ts";

/** Wrong tokens of one client in one interval. */
const MAX_OF_CLIENT = 10;
/** Wrong tokens of all clients with one address. */
const MAX_OF_ADDRESS = 100;
const INTERVAL_MS = 15 * 60_000;
/** Clients that are remembered; beyond it the one whose last attempt is the oldest is forgotten. */
const MAX_CLIENTS = 2_000;

/** Who sends a request. */
export interface Client {
  /** The IP address of the connection's other end. */
  readonly address: string;
  /** What its proxy appended to X-Forwarded-For. */
  readonly behind?: string;
}

/** The client of a request that came from an address. */
export function clientOf(request: Request, address: string): Client {
  const behind = request.headers.get("x-forwarded-for")?.split(",").at(-1)?.trim().slice(0, 64);
  return behind ? { address, behind } : { address };
}

interface Failures {
  count: number;
  readonly sinceMs: number;
}

/** Counts wrong tokens. */
export class Attempts {
  readonly #failures = new RecentMap<string, Failures>(MAX_CLIENTS);

  /** @param nowMs a monotonic time in milliseconds. */
  constructor(private readonly nowMs: () => number = () => performance.now()) {}

  /** How long the client has to wait before its next attempt, milliseconds; 0 when it has one left. */
  waitMs(client: Client): number {
    const waits = limitsOf(client).map(([name, max]) => {
      const failures = this.#current(name);
      return failures && failures.count >= max ? failures.sinceMs + INTERVAL_MS - this.nowMs() : 0;
    });
    return Math.max(...waits);
  }

  /** Counts a wrong token. Returns how many attempts the client has left. */
  failed(client: Client): number {
    const left = limitsOf(client).map(([name, max]) => {
      const failures = this.#current(name) ?? { count: 0, sinceMs: this.nowMs() };
      failures.count++;
      this.#failures.set(name, failures);
      return max - failures.count;
    });
    return Math.max(0, Math.min(...left));
  }

  #current(name: string): Failures | undefined {
    const failures = this.#failures.get(name);
    return failures && this.nowMs() - failures.sinceMs < INTERVAL_MS ? failures : undefined;
  }
}

/** The names under which a client is counted, with their limits. */
function limitsOf({ address, behind }: Client): [string, number][] {
  const name = networkOf(address);
  return behind === undefined
    ? [[name, MAX_OF_CLIENT]]
    : [[`${name} for ${networkOf(behind)}`, MAX_OF_CLIENT], [name, MAX_OF_ADDRESS]];
}

/** An IPv4 address, or the first 64 bits of an IPv6 address: one household has all addresses behind them. */
function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined || !address.includes(":")) return mapped ?? address;
  const [head, tail] = address.split("::");
  const groups = head === "" ? [] : head.split(":");
  const last = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? [] : Array(Math.max(0, 8 - groups.length - last.length)).fill("0");
  return [...groups, ...zeros, ...last].slice(0, 4).join(":");
}
