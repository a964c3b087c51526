/**
 * Sessions: what a browser gets in exchange for the token, as a signed cookie.
 *
 *     ID.EXPIRES.SIGNATURE    16 characters, milliseconds since 1970, TokenKeys.sign("session", "ID.EXPIRES")
 *
 * The server keeps nothing for a session, so that a restart ends none. It remembers those that were ended before their
 * time, until they would have ended anyway.
 */
import { randomBytes } from "node:crypto";
import { RecentMap } from "../recent_map.ts";
import type { TokenKeys } from "./token.ts";

/** Maximum number of sessions ended by a logout that are remembered; beyond it the oldest is forgotten. */
const MAX_ENDED = 10_000;

/** A session of one browser. */
export interface Session {
  readonly id: string;
  /** When it ends, milliseconds since 1970. */
  readonly expiresMs: number;
}

/** Begins, checks and ends sessions. */
export class Sessions {
  readonly #ended = new RecentMap<string, true>(MAX_ENDED);

  /** @param lifeMs how long a session lasts. @param utcMs the time since 1970, milliseconds. */
  constructor(
    private readonly keys: TokenKeys,
    private readonly lifeMs: number,
    private readonly utcMs: () => number = Date.now,
  ) {}

  /** Begins a session. Returns it with its text for a cookie. */
  begin(): { readonly session: Session; readonly text: string } {
    const session = {
      id: randomBytes(12).toString("base64url"),
      expiresMs: Math.floor(this.utcMs() + this.lifeMs),
    };
    const text = `${session.id}.${session.expiresMs}`;
    return { session, text: `${text}.${this.keys.sign("session", text)}` };
  }

  /** The session of a cookie's text; undefined when it was not begun here or has ended. */
  find(text: string): Session | undefined {
    const [, id, expires, signature] = /^([\w-]{16})\.(\d{1,16})\.([\w-]{22})$/.exec(text) ?? [];
    if (id === undefined || !this.keys.isSigned("session", `${id}.${expires}`, signature)) return undefined;
    const session = { id, expiresMs: Number(expires) };
    return this.isOpen(session) ? session : undefined;
  }

  /** Whether a session has not ended. */
  isOpen({ id, expiresMs }: Session): boolean {
    return this.utcMs() < expiresMs && !this.#ended.has(id);
  }

  /** Ends a session before its time. */
  end({ id }: Session): void {
    this.#ended.set(id, true);
  }
}
