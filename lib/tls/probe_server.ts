/**
 * Probes a server after a failed connection: whether it speaks TLS, and which certificates it sends. The probe offers TLS
 * 1.2 (RFC 5246), which sends the certificates, and the request for a client certificate, before any encryption.
 */
import { connect as connectTls } from "node:tls";
import { abortable, atMost } from "../async/delay.ts";

/** The response of a server. */
export type ServerAnswer =
  /**
   * `chain`: certificates (DER), the server's own first. `requestsCertificate`: whether it requests a client
   * certificate; undefined for a server with TLS 1.3 alone.
   */
  | { readonly kind: "tls"; readonly chain: readonly Uint8Array[]; readonly requestsCertificate?: boolean }
  | { readonly kind: "plain" }
  | { readonly kind: "silent" };

/** The address of a server. */
export interface ServerPlace {
  /** A host name or an IP address, IPv6 without brackets. */
  readonly hostname: string;
  readonly port: number;
}

/** The server of a URL; the port where the URL has none depends on its scheme. */
export function placeOf({ hostname, port }: URL, usualPort: number): ServerPlace {
  return { hostname: hostname.replace(/^\[|\]$/g, ""), port: Number(port || usualPort) };
}

/** Limit of each connection. */
const ANSWER_MS = 3_000;
/** Beyond it no more of a response is read. */
const MAX_BYTES = 128 * 1024;
const [ALERT, HANDSHAKE] = [0x15, 0x16];

/**
 * Connects with TLS, and a second time where the first response does not tell the protocol. Never rejects for a network
 * error, which makes the server "silent".
 * @param plainHello the first bytes of the server's plain protocol.
 */
export async function probeServer(
  place: ServerPlace,
  plainHello: Uint8Array<ArrayBuffer>,
  { signal }: { signal: AbortSignal },
): Promise<ServerAnswer> {
  const bytes = await exchange(place, clientHello(place.hostname), isEnough, signal);
  if (isTls(bytes)) {
    const sent = readHandshake(bytes);
    if (sent.chain.length > 0) return { kind: "tls", ...sent };
    return { kind: "tls", chain: await chainOverTls13(place, signal) };
  }
  if (bytes.length > 0) return { kind: "plain" };
  const plain = await exchange(place, plainHello, (bytes) => bytes.length > 0, signal);
  return plain.length > 0 && !isTls(plain) ? { kind: "plain" } : { kind: "silent" };
}

/** Sends `hello` and reads until `isEnough`, the end of the connection, 128 KiB or 3 s. */
async function exchange(
  { hostname, port }: ServerPlace,
  hello: Uint8Array<ArrayBuffer>,
  isEnough: (bytes: Uint8Array) => boolean,
  signal: AbortSignal,
): Promise<Uint8Array> {
  let bytes = new Uint8Array();
  let connection: Deno.TcpConn | undefined;
  let isOver = false;
  const talk = async () => {
    connection = await Deno.connect({ hostname, port });
    if (isOver) return connection.close();
    await connection.write(hello);
    const buffer = new Uint8Array(16 * 1024);
    while (!isEnough(bytes) && bytes.length < MAX_BYTES) {
      const count = await connection.read(buffer);
      if (count === null) return;
      bytes = Uint8Array.from([...bytes, ...buffer.subarray(0, count)]);
    }
  };
  await atMost(ANSWER_MS, abortable(talk(), { signal }));
  isOver = true;
  try {
    connection?.close();
  } catch {
    // It is already closed.
  }
  return bytes;
}

/** A TLS record begins with its type and version 3.x. */
function isTls([type, major]: Uint8Array): boolean {
  return (type === ALERT || type === HANDSHAKE) && major === 3;
}

/** The content of all complete handshake records, and whether a record of another type, such as an alert, follows. */
function handshake(bytes: Uint8Array): { readonly messages: Uint8Array; readonly alert: boolean } {
  const messages: number[] = [];
  for (let at = 0; at + 5 <= bytes.length;) {
    const length = bytes[at + 3] * 256 + bytes[at + 4];
    if (bytes[at] !== HANDSHAKE) return { messages: Uint8Array.from(messages), alert: true };
    if (at + 5 + length > bytes.length) break;
    messages.push(...bytes.subarray(at + 5, at + 5 + length));
    at += 5 + length;
  }
  return { messages: Uint8Array.from(messages), alert: false };
}

const int24 = (bytes: Uint8Array, at: number) => bytes[at] * 65_536 + bytes[at + 1] * 256 + bytes[at + 2];

/** Handshake messages: type (1 byte), length (3 bytes), body. */
function* messagesOf(bytes: Uint8Array): Generator<{ readonly type: number; readonly body: Uint8Array }> {
  for (let at = 0; at + 4 <= bytes.length;) {
    const end = at + 4 + int24(bytes, at + 1);
    if (end > bytes.length) return;
    yield { type: bytes[at], body: bytes.subarray(at + 4, end) };
    at = end;
  }
}

const [CERTIFICATE, CERTIFICATE_REQUEST, SERVER_HELLO_DONE] = [11, 13, 14];

function isEnough(bytes: Uint8Array): boolean {
  if (bytes.length > 0 && !isTls(bytes)) return true;
  const { messages, alert } = handshake(bytes);
  return alert || messagesOf(messages).some(({ type }) => type === SERVER_HELLO_DONE);
}

function readHandshake(bytes: Uint8Array): { chain: Uint8Array[]; requestsCertificate: boolean } {
  const messages = [...messagesOf(handshake(bytes).messages)];
  const list = messages.find(({ type }) => type === CERTIFICATE)?.body.subarray(3) ?? new Uint8Array();
  const chain: Uint8Array[] = [];
  for (let at = 0; at + 3 <= list.length; at += 3 + int24(list, at)) {
    chain.push(list.subarray(at + 3, at + 3 + int24(list, at)));
  }
  return { chain, requestsCertificate: messages.some(({ type }) => type === CERTIFICATE_REQUEST) };
}

/** The server's own certificate by the runtime's TLS, unverified, for a server with TLS 1.3 alone. Sends no data. */
async function chainOverTls13(
  { hostname: host, port }: ServerPlace,
  signal: AbortSignal,
): Promise<Uint8Array[]> {
  const chain: Uint8Array[] = [];
  const socket = connectTls({
    host,
    port,
    servername: isAddress(host) ? "" : host,
    rejectUnauthorized: false,
  });
  const over = new Promise<void>((resolve) => {
    socket.on("secureConnect", () => {
      const { raw } = socket.getPeerCertificate();
      if (raw) chain.push(new Uint8Array(raw));
      resolve();
    });
    socket.on("error", () => resolve());
    socket.on("close", () => resolve());
  });
  await atMost(ANSWER_MS, abortable(over, { signal }));
  socket.destroy();
  return chain;
}

/** Whether a host is an IP address, which must not be sent as a server name (RFC 6066). */
function isAddress(host: string): boolean {
  return /^[\d.]+$|:/.test(host);
}

// deno-fmt-ignore
const CIPHER_SUITES = [
  0xc02b, 0xc02c, 0xc02f, 0xc030, 0xcca8, 0xcca9, // ECDHE with AES-GCM and ChaCha20
  0xc009, 0xc00a, 0xc013, 0xc014, 0x009c, 0x009d, 0x002f, 0x0035, // with AES-CBC, and without ECDHE
];
const GROUPS = [0x001d, 0x0017, 0x0018, 0x0019]; // X25519, P-256, P-384, P-521
// deno-fmt-ignore
const SIGNATURES = [0x0403, 0x0503, 0x0603, 0x0807, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601, 0x0203, 0x0201];

/** `record { handshake { version, random, session, cipher suites, compressions, extensions } }` */
function clientHello(host: string): Uint8Array<ArrayBuffer> {
  const name = new TextEncoder().encode(host);
  const extensions = [
    ...(isAddress(host) ? [] : extension(0x0000, sized(2, [0, ...sized(2, [...name])]))),
    ...extension(0x000a, sized(2, pairs(GROUPS))),
    ...extension(0x000b, sized(1, [0])),
    ...extension(0x000d, sized(2, pairs(SIGNATURES))),
    ...extension(0xff01, sized(1, [])),
  ];
  const random = crypto.getRandomValues(new Uint8Array(32));
  const hello = [
    3,
    3,
    ...random,
    0,
    ...sized(2, pairs(CIPHER_SUITES)),
    ...sized(1, [0]),
    ...sized(2, extensions),
  ];
  return Uint8Array.from([HANDSHAKE, 3, 1, ...sized(2, [1, ...sized(3, hello)])]);
}

const pairs = (numbers: readonly number[]) => numbers.flatMap((number) => [number >> 8, number & 255]);
const extension = (id: number, content: readonly number[]) => [...pairs([id]), ...sized(2, content)];

/** Bytes with their length in front, in `width` bytes. */
function sized(width: 1 | 2 | 3, content: readonly number[]): number[] {
  const { length } = content;
  return [...[length >> 16, (length >> 8) & 255, length & 255].slice(3 - width), ...content];
}
