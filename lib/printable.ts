/** Makes text of other parties (broker, bucket, picture, file name) safe to show on a terminal or a page. */

/** Limit of a shown text in UTF-16 code units; beyond it the text is cut. */
export const MAX_SHOWN = 500;

/** Control characters, direction marks, lone surrogates and other characters that change how their neighbours look. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
const NAMED: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/**
 * The text with each unprintable character written as an escape (`\n`, `\x1b`, `\u202e`).
 * @param options.max beyond this many UTF-16 code units the text is cut and ends with `…`.
 * @param options.lines keeps line feeds.
 */
export function printable(text: string, { max = MAX_SHOWN, lines = false } = {}): string {
  // Cut before the search: a peer decides how long the text is.
  const whole = text.length <= max ? text : `${text.slice(0, max).replace(/[\ud800-\udbff]$/, "")}…`;
  return whole.replace(UNPRINTABLE, (letter) => lines && letter === "\n" ? letter : escaped(letter));
}

/** JSON with each unprintable character written as an escape. Parsing it gives the same value. */
export function printableJson(value: unknown): string {
  return JSON.stringify(value).replace(
    UNPRINTABLE,
    (letter) =>
      Array.from({ length: letter.length }, (_, at) => unicodeEscape(letter.charCodeAt(at))).join(""),
  );
}

function escaped(letter: string): string {
  const code = letter.codePointAt(0)!;
  if (letter in NAMED) return NAMED[letter];
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, "0")}`;
  return code < 0x10000 ? unicodeEscape(code) : `\\u{${code.toString(16)}}`;
}

function unicodeEscape(code: number): string {
  return `\\u${code.toString(16).padStart(4, "0")}`;
}
