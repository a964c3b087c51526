/** HTTP authentication of a camera: Digest (RFC 7616) where the camera offers it, otherwise Basic (RFC 7617). */
import { createHash, randomBytes } from "node:crypto";

/** A Digest challenge of a server. */
interface Challenge {
  readonly realm: string;
  readonly nonce: string;
  readonly opaque?: string;
  readonly hasQop: boolean;
  readonly algorithm: string;
}

/** node:crypto's names of the supported algorithms. */
const HASHES: Readonly<Record<string, string>> = { md5: "md5", "sha-256": "sha256" };

/** The user and password of one address, and the scheme that its camera requires. */
export class Credentials {
  readonly #user: string;
  readonly #password: string;
  /** Undefined until the camera sends a challenge; until then no request carries credentials. */
  #scheme: Challenge | "basic" | undefined;
  #requests = 0;

  constructor({ username, password }: Pick<URL, "username" | "password">) {
    this.#user = decoded(username);
    this.#password = decoded(password);
  }

  /** The headers of a request for `url`. */
  headers(method: string, url: URL): Headers {
    if (!this.#scheme) return new Headers();
    const authorization = this.#scheme === "basic"
      ? `Basic ${base64(`${this.#user}:${this.#password}`)}`
      : this.#digest(this.#scheme, method, url.pathname + url.search);
    return new Headers({ Authorization: authorization });
  }

  /**
   * Takes a 401 response. Returns whether another request can succeed. The password itself is sent only to a camera
   * without Digest.
   */
  accept({ headers }: Pick<Response, "headers">): boolean {
    if (!this.#user && !this.#password) return false;
    const wasBasic = this.#scheme === "basic";
    this.#scheme = challengeOf(headers.get("www-authenticate") ?? "") ?? "basic";
    this.#requests = 0;
    return this.#scheme !== "basic" || !wasBasic;
  }

  #digest({ realm, nonce, opaque, hasQop, algorithm }: Challenge, method: string, uri: string): string {
    const hash = (text: string) => createHash(HASHES[algorithm.toLowerCase()]).update(text).digest("hex");
    const count = (++this.#requests).toString(16).padStart(8, "0");
    const cnonce = randomBytes(8).toString("hex");
    const secret = hash(`${this.#user}:${realm}:${this.#password}`);
    const request = hash(`${method}:${uri}`);
    const response = hash(
      hasQop ? `${secret}:${nonce}:${count}:${cnonce}:auth:${request}` : `${secret}:${nonce}:${request}`,
    );
    return [
      `Digest username="${quotable(this.#user)}", realm="${realm}", nonce="${nonce}", uri="${uri}"`,
      `algorithm=${algorithm}, response="${response}"`,
      ...(hasQop ? [`qop=auth, nc=${count}, cnonce="${cnonce}"`] : []),
      ...(opaque === undefined ? [] : [`opaque="${opaque}"`]),
    ].join(", ");
  }
}

/** Parses `Digest realm="…", nonce="…", qop="auth", algorithm=MD5`; undefined without a supported Digest challenge. */
function challengeOf(header: string): Challenge | undefined {
  for (const [, offered] of header.matchAll(/\bDigest\s+((?:[\w-]+\s*=\s*(?:"[^"]*"|[^\s,]+)\s*,?\s*)+)/gi)) {
    const fields = new Map(
      Array.from(
        offered.matchAll(/([\w-]+)\s*=\s*(?:"([^"]*)"|([^\s,]+))/g),
        ([, name, quoted, bare]) => [name.toLowerCase(), quoted ?? bare],
      ),
    );
    const [realm, nonce, algorithm = "MD5"] = ["realm", "nonce", "algorithm"].map((name) => fields.get(name));
    if (realm === undefined || nonce === undefined || !(algorithm.toLowerCase() in HASHES)) continue;
    return {
      realm,
      nonce,
      algorithm,
      opaque: fields.get("opaque"),
      hasQop: /\bauth\b/.test(fields.get("qop") ?? ""),
    };
  }
  return undefined;
}

/** The percent-decoded text; unchanged when it holds a bare `%`. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Base64 of the UTF-8 bytes, the form in which Basic authentication sends `USER:PASSWORD`. */
export function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

function quotable(text: string): string {
  return text.replace(/["\\]/g, "\\$&");
}
