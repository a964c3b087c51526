/** Header values with other characters than ASCII, as RFC 2047 encodes them. */

/** An encoded word has at most 75 characters (RFC 2047, 2): `=?UTF-8?B?`, 60 of Base64, `?=`. */
const MAX_WORD_BYTES = 45;

/** The text as it is where it is printable ASCII; otherwise as encoded words, separated by spaces, which a reader drops. */
export function encodedWords(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text) && !text.includes("=?")) return text;
  const words: string[] = [];
  let word = "";
  for (const letter of text) {
    if (bytesOf(word + letter).length > MAX_WORD_BYTES) {
      words.push(word);
      word = "";
    }
    word += letter;
  }
  return [...words, word].map((one) => `=?UTF-8?B?${bytesOf(one).toBase64()}?=`).join(" ");
}

const bytesOf = (text: string) => new TextEncoder().encode(text);
