/** The access token of a gallery: which tokens are refused as weak, and the keys that are derived from one. */
import { createHmac, scryptSync, timingSafeEqual } from "node:crypto";
import { strengthOf } from "./token_strength.ts";

const MIN_LENGTH = 16;
const MAX_LENGTH = 200;
/** Minimum number of characters that remain without known words, sequences and repetitions. */
const MIN_STRENGTH = 10;
/** Cost of the derivation: 16 MiB and about 50 ms, once at the start. It slows the guessing of tokens from a cookie. */
const SCRYPT = { N: 2 ** 14, r: 8, p: 1 };

/** What is wrong with a token; undefined when it is valid. */
export function wrongToken(token: string): string | undefined {
  if (!/^[\x21-\x7e]*$/.test(token) || token.length < MIN_LENGTH || token.length > MAX_LENGTH) {
    return `should be ${MIN_LENGTH} to ${MAX_LENGTH} ASCII characters without spaces, such as the output of ` +
      "openssl rand -hex 16";
  }
  return strengthOf(token) < MIN_STRENGTH
    ? "should be random, such as the output of openssl rand -hex 16; the given one is easy to guess"
    : undefined;
}

/** The purposes of a key. Each has its own, so that a signature for one is worth nothing for another. */
export type KeyPurpose = "cookie name" | "session" | "share";

/** The secrets of a gallery, made from its token. Another token makes other keys: all sessions and links end. */
export class TokenKeys {
  readonly #master: Uint8Array;
  readonly #token: string;

  constructor(token: string) {
    this.#master = scryptSync(token, "haarlem gallery", 32, SCRYPT);
    this.#token = this.#digestOf(token);
  }

  /** Whether `given` is the token, compared in constant time. */
  isToken(given: string): boolean {
    return isSameText(this.#digestOf(given), this.#token);
  }

  /** Signs a text for one purpose: 22 characters of base64url, 128 bits of an HMAC-SHA-256. */
  sign(purpose: KeyPurpose, text: string): string {
    const key = createHmac("sha256", this.#master).update(purpose).digest();
    return createHmac("sha256", key).update(text).digest().subarray(0, 16).toString("base64url");
  }

  /** Whether a signature is the one of `text`. */
  isSigned(purpose: KeyPurpose, text: string, signature: string): boolean {
    return isSameText(this.sign(purpose, text), signature);
  }

  /** Not scrypt, with which anyone could load the processor by wrong tokens. */
  #digestOf(text: string): string {
    return createHmac("sha256", this.#master).update(text).digest("hex");
  }
}

/** Compares in constant time. */
function isSameText(one: string, other: string): boolean {
  const [left, right] = [one, other].map((text) => new TextEncoder().encode(text));
  return left.length === right.length && timingSafeEqual(left, right);
}
