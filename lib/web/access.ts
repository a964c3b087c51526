/**
 * Access control of the gallery: with a token, its holders; without one, requests to this machine by a loopback name.
 *
 * A browser exchanges the token for a session (sessions.ts). A program sends the token in each request, as
 * `Authorization: Bearer TOKEN`.
 */
import { Attempts, type Client } from "./attempts.ts";
import { hostOf, isFromOwnPage } from "./own_page.ts";
import { type Session, Sessions } from "./sessions.ts";
import { TokenKeys } from "./token.ts";

/** Loopback names of a machine, in the form of a Host header. */
const LOOPBACK_HOST = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i;
/** Headers that a proxy adds: the request may come from another machine. */
const PROXY_HEADER = /^(forwarded|via|x-forwarded-.*|x-real-ip|true-client-ip|cf-connecting-ip)$/;

/** Why a request is refused. */
export type Refusal =
  | { readonly kind: "token required" | "wrong host" | "behind a proxy" }
  | { readonly kind: "too many attempts"; readonly waitMs: number };

/** The result of a check. A session is given where the request belongs to one. */
export type AccessResult = { readonly kind: "allowed"; readonly session?: Session } | Refusal;

/** The result of a login: a session and the Set-Cookie header that starts it, or why there is none. */
export type LoginResult =
  | { readonly kind: "session"; readonly cookie: string }
  | { readonly kind: "wrong token"; readonly left: number }
  | { readonly kind: "too many attempts"; readonly waitMs: number };

/** Options of {@link Access}. Tests replace the clocks. */
export interface AccessOptions {
  /** How long a session lasts. */
  readonly sessionMs: number;
  /** Called for each wrong token, with the number of attempts that the client has left. */
  readonly onWrongToken?: (client: Client, left: number) => void;
  /** The time since 1970 in milliseconds. */
  readonly utcMs?: () => number;
  /** A monotonic time in milliseconds. */
  readonly nowMs?: () => number;
}

/** Checks requests. */
export class Access {
  /** The secrets made from the token; undefined without a token. */
  readonly keys?: TokenKeys;
  readonly #sessions?: Sessions;
  readonly #attempts: Attempts;
  readonly #cookieName: string = "";

  /** @param token grants access; undefined: only requests to a loopback name are allowed. */
  constructor(token: string | undefined, private readonly options: AccessOptions) {
    this.#attempts = new Attempts(options.nowMs);
    if (token === undefined) return;
    this.keys = new TokenKeys(token);
    this.#sessions = new Sessions(this.keys, options.sessionMs, options.utcMs);
    // Cookies do not tell ports apart: two galleries on one machine need two names.
    this.#cookieName = `haarlem_${this.keys.sign("cookie name", "").slice(0, 6)}`;
  }

  /** Checks one request. */
  check(request: Request, client: Client): AccessResult {
    if (!this.#sessions) return withoutToken(request);
    const bearer = /^Bearer +(\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
    if (bearer !== undefined) return this.#checkToken(bearer, client);
    const session = this.#sessionOf(request);
    return session ? { kind: "allowed", session } : { kind: "token required" };
  }

  /** Whether a request may change something: it comes from the gallery's own page, or from a program with the token. */
  mayChange(request: Request): boolean {
    // No other site can make a browser send this header.
    return (this.keys !== undefined && request.headers.has("authorization")) || isFromOwnPage(request);
  }

  /** Begins a session for the holder of the token. */
  login(given: string, request: Request, client: Client): LoginResult {
    const waitMs = this.#attempts.waitMs(client);
    if (waitMs > 0) return { kind: "too many attempts", waitMs };
    if (!this.#sessions || !this.keys!.isToken(given)) {
      return { kind: "wrong token", left: this.#failed(client) };
    }
    const { text } = this.#sessions.begin();
    return { kind: "session", cookie: this.#cookie(request, text, this.options.sessionMs / 1000) };
  }

  /** Ends the session of a request. Returns the Set-Cookie header that removes it from the browser. */
  logout(request: Request): string {
    const session = this.#sessionOf(request);
    if (session) this.#sessions?.end(session);
    return this.#cookie(request, "", 0);
  }

  /** Whether a session has not ended. */
  isOpen(session: Session): boolean {
    return this.#sessions?.isOpen(session) ?? false;
  }

  #checkToken(given: string, client: Client): AccessResult {
    const waitMs = this.#attempts.waitMs(client);
    if (waitMs > 0) return { kind: "too many attempts", waitMs };
    if (this.keys!.isToken(given)) return { kind: "allowed" };
    this.#failed(client);
    return { kind: "token required" };
  }

  #failed(client: Client): number {
    const left = this.#attempts.failed(client);
    this.options.onWrongToken?.(client, left);
    return left;
  }

  #sessionOf(request: Request): Session | undefined {
    for (const pair of (request.headers.get("cookie") ?? "").split(/; */)) {
      const [name, value] = [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)];
      if (name !== this.#cookieName && name !== `__Host-${this.#cookieName}`) continue;
      const session = this.#sessions?.find(value);
      if (session) return session;
    }
    return undefined;
  }

  #cookie(request: Request, value: string, seconds: number): string {
    const [prefix, secure] = isOverTls(request) ? ["__Host-", "; Secure"] : ["", ""];
    return `${prefix}${this.#cookieName}=${value}; HttpOnly; SameSite=Strict; Path=/` +
      `; Max-Age=${Math.floor(seconds)}${secure}`;
  }
}

/** Whether the browser's connection is encrypted, up to here or to a proxy that says so. */
function isOverTls({ url, headers }: Request): boolean {
  const byProxy = headers.get("x-forwarded-proto")?.split(",")[0].trim() === "https" ||
    /(^|[;,\s])proto="?https\b/i.test(headers.get("forwarded") ?? "");
  return new URL(url).protocol === "https:" || byProxy;
}

function withoutToken(request: Request): AccessResult {
  // A proxy on this machine would show the faces to everyone who reaches it.
  for (const name of request.headers.keys()) if (PROXY_HEADER.test(name)) return { kind: "behind a proxy" };
  // DNS rebinding: a web page can point its own host name at this machine and would then read every response.
  return { kind: LOOPBACK_HOST.test(hostOf(request)) ? "allowed" : "wrong host" };
}
