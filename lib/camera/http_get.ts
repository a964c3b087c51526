/**
 * One GET by HTTP/1.1 (RFC 9112) over TCP, or over TLS without verifying the certificate, since cameras sign their own.
 * `fetch` always verifies, as does node:https on Deno 2.6; node:tls can omit it in every supported version of Deno.
 */
import { lookup, type LookupAddress } from "node:dns";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { FatalError } from "../errors.ts";
import { abortable } from "../async/delay.ts";
import { placeOf, type ServerPlace } from "../tls/probe_server.ts";

/** A response whose head has been read. Disposing it closes the connection. */
export interface HttpAnswer extends Disposable {
  readonly status: number;
  readonly headers: Headers;
  /** Throws a FatalError when the connection ends before the body is complete. */
  readonly body: AsyncIterable<Uint8Array<ArrayBuffer>>;
}

/** Limit of a line in the head or between chunks; a longer one is an error. */
const MAX_LINE_BYTES = 16 * 1024;
/** Limit of the head, with interim responses; more lines are an error. */
const MAX_HEAD_LINES = 256;
const LINE_END = 10;

/**
 * Requests `url`, on its own connection. User and password of the URL are not sent. Throws a FatalError for a response
 * that is not HTTP or exceeds a limit, and the socket's error when there is no connection.
 * @param options.maxBytes limit of the whole response; beyond it the connection is closed and reading throws a FatalError.
 * @param options.signal its abort makes this call, and reading the body, throw at once. A TLS handshake that never ends
 * keeps its connection open: probe the server before another request.
 */
export async function httpGet(
  url: URL,
  { headers, maxBytes, signal }: {
    readonly headers: Headers;
    readonly maxBytes: number;
    readonly signal: AbortSignal;
  },
): Promise<HttpAnswer> {
  const { hostname, port } = httpPlace(url);
  const address = await addressOf(hostname, signal);
  signal.throwIfAborted();
  const isSecure = url.protocol === "https:";
  const socket = isSecure
    ? connectTls({
      host: address,
      port,
      servername: isIP(hostname) ? "" : hostname,
      rejectUnauthorized: false,
    })
    : connectTcp({ host: address, port });
  const bytes = new Incoming(socket, maxBytes);
  const abort = () => bytes.fail(new Error("aborted"));
  signal.addEventListener("abort", abort);
  let isOpen = false;
  let isUnwanted = false;
  // On Deno 2.6 a socket that is destroyed before it is ready never closes its connection.
  socket.on(isSecure ? "secureConnect" : "connect", () => {
    isOpen = true;
    if (isUnwanted) socket.destroy();
  });
  const close = () => {
    signal.removeEventListener("abort", abort);
    isUnwanted = true;
    if (isOpen) socket.destroy();
  };
  try {
    socket.write(requestFor(url, headers), "latin1");
    const head = await readHead(bytes);
    return { ...head, body: readBody(bytes, head.headers), [Symbol.dispose]: close };
  } catch (error) {
    close();
    throw error;
  }
}

/** The server of an http or https URL. */
export function httpPlace(url: URL): ServerPlace {
  return placeOf(url, url.protocol === "https:" ? 443 : 80);
}

/** The IPv4 address if there is one: node:tls on Deno 2.6 hangs when it must try a second address. */
async function addressOf(host: string, signal: AbortSignal): Promise<string> {
  if (isIP(host)) return host;
  const { promise, resolve, reject } = Promise.withResolvers<readonly LookupAddress[]>();
  // Not node:dns/promises: importing it makes Deno 2.6 print a warning.
  lookup(host, { all: true }, (error, addresses) => error ? reject(error) : resolve(addresses));
  const found = await abortable(promise, { signal });
  return (found.find(({ family }) => family === 4) ?? found[0]).address;
}

function requestFor(url: URL, headers: Headers): string {
  const lines = [
    `GET ${url.pathname}${url.search} HTTP/1.1`,
    `Host: ${url.host}`,
    "User-Agent: haarlem",
    "Accept: */*",
    "Accept-Encoding: identity",
    "Connection: close",
    ...Array.from(headers, ([name, value]) => `${name}: ${value}`),
  ];
  return lines.join("\r\n") + "\r\n\r\n";
}

/** Status and headers of the final response, after interim ones (1xx). */
async function readHead(bytes: Incoming): Promise<Pick<HttpAnswer, "status" | "headers">> {
  let status = 0;
  let headers = new Headers();
  for (let lines = 0; lines < MAX_HEAD_LINES; lines++) {
    const line = await bytes.line();
    if (status === 0) {
      const [, code] = /^HTTP\/1\.\d (\d{3})(?!\d)/.exec(line) ?? [];
      if (!code) throw new FatalError("the response is not HTTP");
      status = Number(code);
    } else if (line === "") {
      if (status >= 200) return { status, headers };
      status = 0;
      headers = new Headers();
    } else {
      const [, name, value] = /^([\w!#$%&'*+.^`|~-]+)[ \t]*:[ \t]*([^\0]*)$/.exec(line) ?? [];
      if (name) headers.append(name, value);
    }
  }
  throw new FatalError(`the head of the response has more than ${MAX_HEAD_LINES} lines`);
}

async function* readBody(bytes: Incoming, headers: Headers): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  if (/\bchunked\b/i.test(headers.get("transfer-encoding") ?? "")) {
    while (true) {
      const [, size] = /^([\da-f]{1,8})[ \t]*(?:;|$)/i.exec(await bytes.line()) ?? [];
      if (!size) throw new FatalError("the response has a chunk without a size");
      const length = Number.parseInt(size, 16);
      if (length === 0) return;
      yield* exactly(length, bytes);
      await bytes.line();
    }
  }
  const length = Number.parseInt(headers.get("content-length") ?? "", 10);
  if (length >= 0) return yield* exactly(length, bytes);
  for (let part = await bytes.some(); part; part = await bytes.some()) yield part;
}

async function* exactly(length: number, bytes: Incoming): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  while (length > 0) {
    const part = await bytes.some(length);
    if (!part) throw endedEarly();
    length -= part.length;
    yield part;
  }
}

const endedEarly = () => new FatalError("the connection ended before the response was complete");

/**
 * The bytes that a socket receives. The socket is never paused, since node:tls on Deno 2.9 can lose the end of a paused
 * one; `maxBytes` limits the memory instead.
 */
class Incoming {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;
  #rest = new Uint8Array();
  /** Makes pending and later reads throw. */
  fail!: (error: Error) => void;

  constructor(socket: Socket, maxBytes: number) {
    let room = maxBytes;
    let isOver = false;
    const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
      start: (controller) => {
        const end = () => {
          if (!isOver) controller.close();
          isOver = true;
        };
        this.fail = (error) => {
          if (!isOver) controller.error(error);
          isOver = true;
        };
        socket.on("data", (data) => {
          room -= data.length;
          if (room < 0) {
            this.fail(new FatalError(`the response is larger than ${Math.round(maxBytes / 2 ** 20)} MiB`));
            socket.destroy();
          } else if (!isOver) controller.enqueue(new Uint8Array(data as Uint8Array));
        });
        socket.on("end", end);
        socket.on("close", end);
        socket.on("error", this.fail);
      },
    });
    this.#reader = stream.getReader();
  }

  /** At least one byte and at most `max`; undefined at the end. */
  async some(max = Infinity): Promise<Uint8Array<ArrayBuffer> | undefined> {
    if (this.#rest.length === 0) {
      const { value } = await this.#reader.read();
      if (!value) return undefined;
      this.#rest = value;
    }
    const part = this.#rest.subarray(0, max);
    this.#rest = this.#rest.subarray(part.length);
    return part;
  }

  /** The next line without its line end. Throws a FatalError at the end of the connection, and for a line over the limit. */
  async line(): Promise<string> {
    let text = "";
    while (text.length < MAX_LINE_BYTES) {
      const room = MAX_LINE_BYTES - text.length;
      const at = this.#rest.subarray(0, room).indexOf(LINE_END);
      const part = await this.some(at < 0 ? Math.min(room, this.#rest.length || 1) : at + 1);
      if (!part) throw endedEarly();
      text += String.fromCharCode(...part);
      if (text.endsWith("\n")) return text.replace(/\r?\n$/, "");
    }
    throw new FatalError(`the response has a line of more than ${MAX_LINE_BYTES / 1024} KiB`);
  }
}
