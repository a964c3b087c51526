/** User and password of an address, as HTTP sends them: Basic (RFC 7617) or, when the camera asks for it, Digest (RFC 7616). */
import { createHash, randomBytes } from "node:crypto";

interface Challenge {
  readonly realm: string;
  readonly nonce: string;
  readonly opaque?: string;
  readonly hasQop: boolean;
  readonly algorithm: string;
}

/** node:crypto's names of the hashes. */
const HASHES: Readonly<Record<string, string>> = { md5: "md5", "sha-256": "sha256" };

/** The user and password of one address, and how its camera asks for them. */
export class Credentials {
  readonly #user: string;
  readonly #password: string;
  /** How the camera wants them; until it asks, nothing is sent. */
  #way: Challenge | "basic" | undefined;
  #requests = 0;

  constructor({ username, password }: Pick<URL, "username" | "password">) {
    this.#user = decoded(username);
    this.#password = decoded(password);
  }

  /** What a request carries. */
  headers(method: string, url: URL): Headers {
    if (!this.#way) return new Headers();
    const authorization = this.#way === "basic"
      ? `Basic ${base64(`${this.#user}:${this.#password}`)}`
      : this.#digest(this.#way, method, url.pathname + url.search);
    return new Headers({ Authorization: authorization });
  }

  /** Takes a 401; whether it makes sense to ask again. The password itself goes only to a camera without Digest. */
  accept({ headers }: Pick<Response, "headers">): boolean {
    if (!this.#user && !this.#password) return false;
    const wasBasic = this.#way === "basic";
    this.#way = challengeOf(headers.get("www-authenticate") ?? "") ?? "basic";
    this.#requests = 0;
    return this.#way !== "basic" || !wasBasic;
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

/** Reads `Digest realm="…", nonce="…", qop="auth", algorithm=MD5`; undefined when no such way is offered. */
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

/** As the user wrote it, also where it holds a bare `%`. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

function quotable(text: string): string {
  return text.replace(/["\\]/g, "\\$&");
}
