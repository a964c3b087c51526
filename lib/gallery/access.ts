/** Who may come in: those with the token, or, without one, those who are on this machine. */
import { createHash, timingSafeEqual } from "node:crypto";

const COOKIE = "haarlem_gallery";
const COOKIE_SECONDS = 90 * 24 * 3600;
/** The names under which a machine reaches itself, as browsers send them. */
const OWN_NAME = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i;

/** What the door says: come in, take this cookie and come in, show a token, not by this name. */
export type AccessResult = "open" | { readonly cookie: string } | "token wanted" | "wrong host";

/** Lets people in, or not. */
export class Access {
  readonly #digest?: string;

  /** @param token whoever has it may come in; without one, whoever calls this machine by its own name. */
  constructor(token: string | undefined) {
    if (token !== undefined) this.#digest = digestOf(token);
  }

  /** Looks at one request. A token in the address (`/?token=…`) is answered with the cookie that replaces it. */
  check(request: Request): AccessResult {
    // A stranger's page can point its own name at this machine (DNS rebinding) and would then read every answer.
    if (!this.#digest) return OWN_NAME.test(request.headers.get("host") ?? "") ? "open" : "wrong host";
    const url = new URL(request.url);
    const inAddress = url.pathname === "/" ? url.searchParams.get("token") : null;
    if (inAddress !== null) {
      return this.#fits(digestOf(inAddress)) ? { cookie: this.#cookie() } : "token wanted";
    }
    const bearer = /^Bearer +(\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
    if (bearer !== undefined) return this.#fits(digestOf(bearer)) ? "open" : "token wanted";
    const kept = cookieOf(request, COOKIE);
    return kept !== undefined && this.#fits(kept) ? "open" : "token wanted";
  }

  #cookie(): string {
    return `${COOKIE}=${this.#digest}; HttpOnly; SameSite=Strict; Path=/; Max-Age=${COOKIE_SECONDS}`;
  }

  /** Takes the same time wherever the two differ. */
  #fits(digest: string): boolean {
    const [given, right] = [digest, this.#digest!].map((text) => new TextEncoder().encode(text));
    return given.length === right.length && timingSafeEqual(given, right);
  }
}

/** What is wrong with a token, or nothing. */
export function wrongToken(token: string): string | undefined {
  return /^[\x21-\x7e]{12,200}$/.test(token)
    ? undefined
    : "should be 12 to 200 ASCII characters without spaces";
}

function digestOf(token: string): string {
  return createHash("sha256").update(`haarlem gallery ${token}`).digest("hex");
}

/** The cookie's value if it looks like one of ours: 64 hex digits. */
function cookieOf(request: Request, name: string): string | undefined {
  const pairs = (request.headers.get("cookie") ?? "").split(/; */);
  const value = pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
  return value !== undefined && /^[0-9a-f]{64}$/.test(value) ? value : undefined;
}
