/** The access token of a gallery: which tokens are refused as weak, and the keys that are derived from one. */
import { createHmac, scryptSync, timingSafeEqual } from "node:crypto";

const MIN_LENGTH = 16;
const MAX_LENGTH = 200;
/** Minimum number of characters that remain without known words, sequences and repetitions. */
const MIN_STRENGTH = 10;
/** Words that people put into tokens and that every guesser tries first. */
const KNOWN_WORDS =
  /password|passwort|secret|token|haarlem|gallery|camera|admin|changeme|change-?me|letmein|welcome|default|example|please|qwerty|qwertz|asdfgh|test/gi;
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

/** The number of characters that a guesser has to guess one by one, or of different ones if that is less. */
function strengthOf(token: string): number {
  const rest = token.replace(KNOWN_WORDS, "*");
  let letters = "";
  for (let at = 0; at < rest.length; at++) {
    // A character that continues a sequence (abc, 321) or repeats the previous one needs no guess.
    const step = rest.charCodeAt(at) - rest.charCodeAt(at - 1);
    if (at === 0 || Math.abs(step) > 1) letters += rest[at];
  }
  // `xyxyxyxy` has few different characters; hexadecimal digits have 16.
  return new Set(letters).size < 5 ? 0 : letters.length;
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
