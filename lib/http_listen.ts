/** Addresses to listen on, and listening there. */
import { FatalError, messageOf } from "./errors.ts";
import { atMost } from "./async/delay.ts";

/** Answers under way have this long when the program stops. */
const CLOSE_MS = 700;

/** Where to listen. */
export interface ListenAddress {
  /** A name or an address, IPv6 without brackets. */
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
}

/** A server that runs. */
export interface Listening {
  /** The address of its root. */
  readonly url: string;
  /** Takes no more requests and finishes those under way, within a second. */
  close(): Promise<void>;
}

/** Reads `HOST:PORT`; IPv6 addresses stand in brackets. Throws an Error that says what should be. */
export function parseListenAddress(text: string): ListenAddress {
  const [, ipv6, name, port] = /^(?:\[([0-9a-f:.]+)\]|([\w.-]+)):(\d{1,5})$/i.exec(text) ?? [];
  const host = ipv6 ?? name;
  if (host === undefined || Number(port) > 65535) {
    throw new Error("should be HOST:PORT, such as 127.0.0.1:8080, [::1]:8080 or 0.0.0.0:8080");
  }
  return { host, port: Number(port) };
}

/** Whether only this machine itself can reach the address. */
export function isLoopback({ host }: ListenAddress): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|::1)$/i.test(host);
}

/** Listens, or throws a FatalError that says why it cannot and which `flag` can change that. */
export function listenOn(
  address: ListenAddress,
  handler: (request: Request) => Response | Promise<Response>,
  { flag, onError }: { flag: string; onError: (error: unknown) => Response },
): Listening {
  const { host: hostname, port } = address;
  let server: Deno.HttpServer<Deno.NetAddr>;
  try {
    server = Deno.serve({ hostname, port, onListen: () => {}, onError }, handler);
  } catch (error) {
    const where = `cannot listen on "${bracketed(hostname)}:${port}"`;
    if (error instanceof Deno.errors.AddrInUse) {
      throw new FatalError(
        `${where}: another program does already`,
        `set ${flag} ${bracketed(hostname)}:0 for any free port`,
      );
    }
    throw new FatalError(`${where}: ${messageOf(error)}`, `set ${flag} 127.0.0.1:8080`);
  }
  return {
    url: `http://${shownHost(hostname)}:${server.addr.port}/`,
    close: () => atMost(CLOSE_MS, server.shutdown()),
  };
}

/** A host that one can put into a browser on this machine. */
function shownHost(host: string): string {
  return host === "0.0.0.0" || host === "::" ? "localhost" : bracketed(host);
}

function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
