/** Text from elsewhere (a broker, a bucket, a picture, a file name) made safe to show on a terminal or a page. */

/** A longer text is cut where it is shown. */
export const MAX_SHOWN = 500;

/** Controls, escape sequences, direction marks and other characters that change how their neighbours look. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
const NAMED: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/**
 * The text with everything unprintable written as an escape (`\n`, `\x1b`, `\u202e`), cut to `max` characters. With
 * `lines` the ends of lines stay as they are.
 */
export function printable(text: string, { max = MAX_SHOWN, lines = false } = {}): string {
  // Cut before it is searched too: a peer decides how long the text is.
  const whole = text.length <= max ? text : `${text.slice(0, max).replace(/[\ud800-\udbff]$/, "")}…`;
  return whole.replace(UNPRINTABLE, (letter) => lines && letter === "\n" ? letter : escaped(letter));
}

/** JSON in which every unprintable character is an escape; it is read as the same value. */
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
