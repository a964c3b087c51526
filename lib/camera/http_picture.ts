/** One picture by HTTP, as cameras answer on their snapshot address: bounded in bytes, in time and in redirects. */
import { FatalError, messageOf } from "../errors.ts";
import { joined } from "../image/png_chunks.ts";
import { probeServer } from "../tls/probe_server.ts";
import { Credentials } from "./http_credentials.ts";
import { type HttpAnswer, httpGet } from "./http_get.ts";

/** A larger answer is refused. */
const MAX_ANSWER_BYTES = 32 * 2 ** 20;
const MAX_REDIRECTS = 5;
/** Error texts may hold the address, and the address a password: of a text only its meaning is shown. */
const CAUSES: readonly (readonly [RegExp, string])[] = [
  [/ECONNREFUSED/, "nothing listens"],
  [/ENOTFOUND|EAI_AGAIN/, "the host name is not known"],
  [/EHOSTUNREACH|ENETUNREACH/, "no way to it"],
  [/ECONNRESET/, "the connection was reset"],
  [/tls|ssl|alert|corrupt message/i, "no secure connection"],
];

/** Asks one address again and again, with the user and password that it holds. */
export class HttpPictures {
  readonly #address: URL;
  readonly #credentials: Credentials;
  /** Whether the last request got no answer in time. */
  #isSilent = false;

  /** @param name the address without passwords, for messages. */
  constructor(address: string, private readonly name: string) {
    this.#address = new URL(address);
    this.#credentials = new Credentials(this.#address);
    this.#address.username = this.#address.password = "";
  }

  /**
   * The next picture. Throws a FatalError when the answer is an error, too large or not there within `limitMs`.
   * @param isWanted of the type and the first bytes: whether the answer is to be read to its end; otherwise the result is
   * undefined.
   */
  async next(
    { signal, limitMs, isWanted = () => true }: {
      readonly signal: AbortSignal;
      readonly limitMs: number;
      readonly isWanted?: (type: string, head: Uint8Array) => boolean;
    },
  ): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const timeout = AbortSignal.timeout(limitMs);
    const either = AbortSignal.any([signal, timeout]);
    try {
      using answer = await this.#answer(either);
      this.#isSilent = false;
      const type = answer.headers.get("content-type") ?? "";
      return await bodyOf(answer, (head) => isWanted(type, head));
    } catch (error) {
      if (error instanceof FatalError) throw error;
      this.#isSilent = timeout.aborted;
      if (timeout.aborted) throw new FatalError(`"${this.name}" did not answer within ${limitMs / 1000} s`);
      const text = `${(error as { code?: unknown }).code} ${messageOf(error)}`;
      const [, cause = "the connection failed"] = CAUSES.find(([words]) => words.test(text)) ?? [];
      throw new FatalError(`"${this.name}" does not answer: ${cause}`);
    }
  }

  /** The answer behind redirects; the password goes to no other host, and to no plain address from a secure one. */
  async #answer(signal: AbortSignal): Promise<HttpAnswer> {
    let url = this.#address;
    let isAsked = false;
    for (let redirects = 0; redirects <= MAX_REDIRECTS;) {
      const isOwn = url.hostname === this.#address.hostname &&
        (url.protocol === "https:" || this.#address.protocol === "http:");
      const headers = isOwn ? this.#credentials.headers("GET", url) : new Headers();
      if (this.#isSilent && url.protocol === "https:") await this.#expectTls(url, signal);
      const answer = await httpGet(url, { headers, maxBytes: MAX_ANSWER_BYTES, signal });
      const { status } = answer;
      if (status >= 200 && status < 300) return answer;
      answer[Symbol.dispose]();
      const location = answer.headers.get("location");
      if (status >= 300 && status < 400 && location) {
        url = new URL(location, url);
        url.username = url.password = "";
        if (!/^https?:$/.test(url.protocol)) break;
        redirects++;
      } else if (status === 401 && isOwn && !isAsked && this.#credentials.accept(answer)) {
        isAsked = true;
      } else {
        throw new FatalError(`"${this.name}" answers ${status}`);
      }
    }
    throw new FatalError(`"${this.name}" redirects too often, or to something that is not HTTP`);
  }

  /** Throws a FatalError when the server does not begin a handshake, by a connection that is closed in any case. */
  async #expectTls({ hostname, port }: URL, signal: AbortSignal): Promise<void> {
    const place = { hostname: hostname.replace(/^\[|\]$/g, ""), port: Number(port || 443) };
    const { kind } = await probeServer(place, new TextEncoder().encode("GET / HTTP/1.0\r\n\r\n"), { signal });
    if (kind !== "tls") throw new FatalError(`"${this.name}" does not answer over TLS`);
  }
}

/** The body, or nothing when it is not wanted. */
async function bodyOf(
  { body }: HttpAnswer,
  isWanted: (head: Uint8Array) => boolean,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  for await (const chunk of body) {
    if (chunks.length === 0 && !isWanted(chunk)) return undefined;
    chunks.push(chunk);
  }
  return joined(chunks);
}
