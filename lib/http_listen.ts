/** Listen addresses, and HTTP servers on them. */
import { FatalError, messageOf } from "./errors.ts";
import { atMost, delay } from "./async/delay.ts";

/** Time for responses in progress when the program stops; then their connections are dropped. */
const CLOSE_MS = 700;
/** Time for the system to release the address of a listener that was closed, and the interval of the attempts. */
const RELEASE_MS = 5_000;
const ATTEMPT_MS = 20;

/** Certificate and key of a server, PEM. */
export interface ServerCertificate {
  readonly cert: string;
  readonly key: string;
}

/** An address to listen on. */
export interface ListenAddress {
  /** A host name or an IP address, IPv6 without brackets. */
  readonly host: string;
  /** 0 to 65535; 0 lets the system choose a free port. */
  readonly port: number;
}

/** A running server. */
export interface Listening {
  /** The URL of its root, with a final slash. */
  readonly url: string;
  /** Accepts no more requests, and resolves when those in progress have ended or after 0.7 s. */
  close(): Promise<void>;
  /**
   * Serves new connections with another certificate. Requests in progress go on. For some milliseconds, connections are
   * refused. Throws a FatalError when the address cannot be taken again. Serves nothing more after close().
   */
  renew(tls: ServerCertificate): Promise<void>;
}

/** Parses `HOST:PORT`, with IPv6 addresses in brackets. Throws an Error that describes the expected form. */
export function parseListenAddress(text: string): ListenAddress {
  const [, ipv6, name, port] = /^(?:\[([0-9a-f:.]+)\]|([\w.-]+)):(\d{1,5})$/i.exec(text) ?? [];
  const host = ipv6 ?? name;
  if (host === undefined || Number(port) > 65535) {
    throw new Error("should be HOST:PORT, such as 127.0.0.1:8080, [::1]:8080 or 0.0.0.0:8080");
  }
  return { host, port: Number(port) };
}

/** Whether only this machine can reach the address. */
export function isLoopback({ host }: ListenAddress): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|::1)$/i.test(host);
}

/**
 * Starts a server. Throws a FatalError when it cannot listen.
 * @param handler gets each request, and the IP address that it came from.
 * @param options.flag the setting of the address, for the hint.
 * @param options.onError makes the response when `handler` throws.
 * @param options.tls certificate and key, PEM: the server then speaks HTTPS only.
 */
export function listenOn(
  address: ListenAddress,
  handler: (request: Request, from: string) => Response | Promise<Response>,
  { flag, onError, tls }: {
    flag: string;
    onError: (error: unknown) => Response;
    tls?: ServerCertificate;
  },
): Listening {
  const { host: hostname } = address;
  const serve = (port: number, tls?: ServerCertificate): Deno.HttpServer<Deno.NetAddr> =>
    Deno.serve(
      { hostname, port, onListen: () => {}, onError, ...tls },
      (request, { remoteAddr }) => handler(request, remoteAddr.hostname),
    );
  let server: Deno.HttpServer<Deno.NetAddr>;
  try {
    server = serve(address.port, tls);
  } catch (error) {
    throw cannotListen(error, address, flag);
  }
  const { port } = server.addr;
  const ending: Promise<void>[] = [];
  let isClosed = false;
  return {
    url: `${tls ? "https" : "http"}://${shownHost(hostname)}:${port}/`,
    close: () => {
      isClosed = true;
      return atMost(CLOSE_MS, Promise.all([...ending, server.shutdown()]).then(() => {}));
    },
    renew: async (tls) => {
      ending.push(server.shutdown());
      for (let left = RELEASE_MS / ATTEMPT_MS;; left--) {
        try {
          server = serve(port, tls);
          return;
        } catch (error) {
          if (left === 0 || !(error instanceof Deno.errors.AddrInUse)) {
            throw cannotListen(error, { ...address, port }, flag);
          }
          await delay(ATTEMPT_MS);
          if (isClosed) return;
        }
      }
    },
  };
}

/** The error of a server that cannot listen at this address. @param flag the setting with the address */
export function cannotListen(error: unknown, { host, port }: ListenAddress, flag: string): FatalError {
  const where = `cannot listen on "${bracketed(host)}:${port}"`;
  if (error instanceof Deno.errors.AddrInUse) {
    return new FatalError(
      `${where}: address already in use`,
      `set ${flag} to another port, such as ${bracketed(host)}:0 for any free port`,
    );
  }
  if (error instanceof Deno.errors.PermissionDenied && port < 1024) {
    return new FatalError(
      `${where}: only root may listen on this port`,
      `set ${flag} to a port from 1024 on, such as ${bracketed(host)}:8080`,
    );
  }
  return new FatalError(
    `${where}: ${messageOf(error)}`,
    `set ${flag} to an address of this machine, such as 127.0.0.1:8080`,
  );
}

/** A host that a browser on this machine can open. */
function shownHost(host: string): string {
  return host === "0.0.0.0" || host === "::" ? "localhost" : bracketed(host);
}

function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
