/** One picture by HTTP, as cameras answer on their snapshot address: bounded in bytes, in time and in redirects. */
import { FatalError, messageOf } from "../errors.ts";
import { joined } from "../image/png_chunks.ts";
import { Credentials } from "./http_credentials.ts";

/** A larger answer is refused. */
const MAX_SNAPSHOT_BYTES = 32 * 2 ** 20;
const MAX_REDIRECTS = 5;

/** Asks one address again and again, with the user and password that it holds. */
export class HttpPictures {
  readonly #address: URL;
  readonly #credentials: Credentials;

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
      const response = await this.#answer(either);
      const type = response.headers.get("content-type") ?? "";
      return await bodyOf(response, (head) => isWanted(type, head));
    } catch (error) {
      if (error instanceof FatalError) throw error;
      if (timeout.aborted) throw new FatalError(`"${this.name}" did not answer within ${limitMs / 1000} s`);
      // Deno's words may hold the address, and the address a password.
      const [, cause = "the connection failed"] = /(Connection refused|dns error|reset|certificate)/i.exec(
        `${messageOf(error)} ${messageOf((error as Error).cause)}`,
      ) ?? [];
      throw new FatalError(`"${this.name}" does not answer: ${cause}`);
    }
  }

  /** The answer behind redirects; the password goes to no other host, and to no plain address from a secure one. */
  async #answer(signal: AbortSignal): Promise<Response> {
    let url = this.#address;
    let isAsked = false;
    for (let redirects = 0; redirects <= MAX_REDIRECTS;) {
      const isOwn = url.hostname === this.#address.hostname &&
        (url.protocol === "https:" || this.#address.protocol === "http:");
      const headers = isOwn ? this.#credentials.headers("GET", url) : new Headers();
      const response = await fetch(url, { headers, redirect: "manual", signal });
      const location = response.headers.get("location");
      if (response.status >= 300 && response.status < 400 && location) {
        await response.body?.cancel();
        url = new URL(location, url);
        url.username = url.password = "";
        if (!/^https?:$/.test(url.protocol)) break;
        redirects++;
      } else if (response.status === 401 && isOwn && !isAsked && this.#credentials.accept(response)) {
        await response.body?.cancel();
        isAsked = true;
      } else if (!response.ok) {
        await response.body?.cancel();
        throw new FatalError(`"${this.name}" answers ${response.status}`);
      } else {
        return response;
      }
    }
    throw new FatalError(`"${this.name}" redirects too often, or to something that is not HTTP`);
  }
}

/** The body, or nothing when it is not wanted. Throws a FatalError when it is too large. */
async function bodyOf(
  response: Response,
  isWanted: (head: Uint8Array) => boolean,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  // Leaving the loop cancels the body.
  for await (const chunk of response.body ?? []) {
    if (chunks.length === 0 && !isWanted(chunk)) return undefined;
    chunks.push(chunk);
    length += chunk.length;
    if (length > MAX_SNAPSHOT_BYTES) {
      throw new FatalError(`the answer is larger than ${MAX_SNAPSHOT_BYTES / 2 ** 20} MiB`);
    }
  }
  return joined(chunks);
}
