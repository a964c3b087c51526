/** Access control of the gallery: with a token, its holders; without one, requests to this machine by a loopback name. */
import { createHash, timingSafeEqual } from "node:crypto";

const COOKIE = "haarlem_gallery";
const COOKIE_SECONDS = 90 * 24 * 3600;
/** Loopback names of a machine, in the form of a Host header. */
const LOOPBACK_HOST = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i;

/** The result of a check: allowed, allowed with a new cookie, a token is required, or the host name is refused. */
export type AccessResult = "allowed" | { readonly cookie: string } | "token required" | "wrong host";

/** Checks requests. */
export class Access {
  readonly #digest?: string;

  /** @param token grants access; undefined: only requests to a loopback name are allowed. */
  constructor(token: string | undefined) {
    if (token !== undefined) this.#digest = digestOf(token);
  }

  /** Checks one request. A token in the URL (`/?token=…`) results in the cookie that replaces it. */
  check(request: Request): AccessResult {
    // DNS rebinding: a web page can point its own host name at this machine and would then read every response.
    if (!this.#digest) {
      return LOOPBACK_HOST.test(request.headers.get("host") ?? "") ? "allowed" : "wrong host";
    }
    const url = new URL(request.url);
    const inUrl = url.pathname === "/" ? url.searchParams.get("token") : null;
    if (inUrl !== null) return this.#matches(digestOf(inUrl)) ? { cookie: this.#cookie() } : "token required";
    const bearer = /^Bearer +(\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
    if (bearer !== undefined) return this.#matches(digestOf(bearer)) ? "allowed" : "token required";
    const digest = digestInCookie(request);
    return digest !== undefined && this.#matches(digest) ? "allowed" : "token required";
  }

  #cookie(): string {
    return `${COOKIE}=${this.#digest}; HttpOnly; SameSite=Strict; Path=/; Max-Age=${COOKIE_SECONDS}`;
  }

  /** Compares in constant time. */
  #matches(digest: string): boolean {
    const [given, expected] = [digest, this.#digest!].map((text) => new TextEncoder().encode(text));
    return given.length === expected.length && timingSafeEqual(given, expected);
  }
}

/** What is wrong with a token; undefined when it is valid. */
export function wrongToken(token: string): string | undefined {
  return /^[\x21-\x7e]{12,200}$/.test(token)
    ? undefined
    : "should be 12 to 200 ASCII characters without spaces";
}

function digestOf(token: string): string {
  return createHash("sha256").update(`haarlem gallery ${token}`).digest("hex");
}

/** The value of the gallery's cookie, if it has the form of a digest: 64 hex digits. */
function digestInCookie(request: Request): string | undefined {
  const pairs = (request.headers.get("cookie") ?? "").split(/; */);
  const value = pairs.find((pair) => pair.startsWith(`${COOKIE}=`))?.slice(COOKIE.length + 1);
  return value !== undefined && /^[0-9a-f]{64}$/.test(value) ? value : undefined;
}
