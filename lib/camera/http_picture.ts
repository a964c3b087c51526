/** Pictures by HTTP, from a camera's snapshot address, with limits in bytes, time and redirects. */
import { FatalError, messageOf } from "../errors.ts";
import { joined } from "../image/png_chunks.ts";
import { probeServer } from "../tls/probe_server.ts";
import { Credentials } from "./http_credentials.ts";
import { type HttpAnswer, httpGet, httpPlace } from "./http_get.ts";

/** Limit of a response; a larger one is an error. */
const MAX_ANSWER_BYTES = 32 * 2 ** 20;
const MAX_REDIRECTS = 5;
/** Errors may contain the address, and with it a password: messages show only their meaning. */
const CAUSES: readonly (readonly [RegExp, string])[] = [
  [/ECONNREFUSED/, "nothing listens at that port"],
  [/ENOTFOUND|EAI_AGAIN/, "the host name is unknown"],
  [/EHOSTUNREACH|ENETUNREACH/, "no route to it"],
  [/ECONNRESET/, "the connection was reset"],
  [/tls|ssl|alert|corrupt message/i, "no secure connection"],
];

/** The server refuses the user, the password, or the user's permission. */
export class RefusedError extends FatalError {}

/** Requests pictures from one address, with its user and password. */
export class HttpPictures {
  readonly #address: URL;
  readonly #credentials: Credentials;
  /** Whether the last request timed out. */
  #isSilent = false;

  /** @param name the address without passwords, for messages. */
  constructor(address: string, private readonly name: string) {
    this.#address = new URL(address);
    this.#credentials = new Credentials(this.#address);
    this.#address.username = this.#address.password = "";
  }

  /**
   * Requests one picture and returns the bytes of the response. Throws a FatalError for an error status, a response over
   * the size limit, and a timeout.
   * @param options.limitMs timeout of the whole request.
   * @param options.isWantedType receives the content type; false stops the request, with the result undefined.
   * @param options.isWanted the same with the first bytes.
   */
  async next(
    { signal, limitMs, isWantedType = () => true, isWanted = () => true }: {
      readonly signal: AbortSignal;
      readonly limitMs: number;
      readonly isWantedType?: (type: string) => boolean;
      readonly isWanted?: (head: Uint8Array) => boolean;
    },
  ): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const timeout = AbortSignal.timeout(limitMs);
    const either = AbortSignal.any([signal, timeout]);
    try {
      using answer = await this.#answer(either);
      this.#isSilent = false;
      if (!isWantedType(answer.headers.get("content-type") ?? "")) return undefined;
      return await bodyOf(answer, isWanted);
    } catch (error) {
      if (error instanceof FatalError) throw error;
      this.#isSilent = timeout.aborted;
      if (timeout.aborted) throw new FatalError(`"${this.name}" did not answer within ${limitMs / 1000} s`);
      const text = `${(error as { code?: unknown }).code} ${messageOf(error)}`;
      const [, cause = "the connection failed"] = CAUSES.find(([words]) => words.test(text)) ?? [];
      throw new FatalError(`"${this.name}" does not answer: ${cause}`);
    }
  }

  /** The response after redirects. Credentials go to no other host, and not from https to http. */
  async #answer(signal: AbortSignal): Promise<HttpAnswer> {
    let url = this.#address;
    let isAuthenticated = false;
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
      } else if (status === 401 && isOwn && !isAuthenticated && this.#credentials.accept(answer)) {
        isAuthenticated = true;
      } else {
        const Failure = status === 401 || status === 403 ? RefusedError : FatalError;
        throw new Failure(`"${this.name}" answers ${status}`);
      }
    }
    throw new FatalError(
      `"${this.name}" redirects more than ${MAX_REDIRECTS} times, or to another protocol than HTTP`,
    );
  }

  /** Throws a FatalError when the server starts no handshake. The probe's connection is always closed. */
  async #expectTls(url: URL, signal: AbortSignal): Promise<void> {
    const { kind } = await probeServer(httpPlace(url), new TextEncoder().encode("GET / HTTP/1.0\r\n\r\n"), {
      signal,
    });
    if (kind !== "tls") throw new FatalError(`"${this.name}" does not answer over TLS`);
  }
}

/** The body; undefined when it is not wanted. */
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
