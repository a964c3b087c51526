/**
 * Signed links to one face, which end.
 *
 *     PAYLOAD.SIGNATURE    base64url of JSON [KEY, EXPIRES], and TokenKeys.sign("share", PAYLOAD)
 *
 * EXPIRES is in seconds since 1970. The server keeps nothing: a link ends at its time, with the face, and with the token.
 */
import { Buffer } from "node:buffer";
import { isFaceKey } from "./face_address.ts";
import type { TokenKeys } from "../web/token.ts";

/** What a link leads to. */
export interface SharedFace {
  readonly key: string;
  /** When the link ends, milliseconds since 1970. */
  readonly expiresMs: number;
}

/** A link with a text that was not made here, or that has ended. */
export type ShareResult = SharedFace | "unknown" | "expired";

/** Makes the text of a link to a face. */
export function makeShareToken({ key, expiresMs }: SharedFace, keys: TokenKeys): string {
  const json = JSON.stringify([key, Math.floor(expiresMs / 1000)]);
  const payload = Buffer.from(json).toString("base64url");
  return `${payload}.${keys.sign("share", payload)}`;
}

/** The face of a link's text. */
export function readShareToken(text: string, keys: TokenKeys, nowMs: number): ShareResult {
  const [, payload, signature] = /^([\w-]{1,8000})\.([\w-]{22})$/.exec(text) ?? [];
  if (payload === undefined || !keys.isSigned("share", payload, signature)) return "unknown";
  const [key, seconds] = JSON.parse(Buffer.from(payload, "base64url").toString());
  if (!isFaceKey(key)) return "unknown";
  return nowMs < seconds * 1000 ? { key, expiresMs: seconds * 1000 } : "expired";
}
