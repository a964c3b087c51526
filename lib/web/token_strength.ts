/** How much of a token a guesser has to guess: what people type instead of random characters counts as little. */

/** Words that people put into tokens and that every guesser tries first. */
const KNOWN_WORDS = new RegExp(
  [
    ..."password passwort wachtwoord passphrase passw0rd p@ssw0rd secret geheim token haarlem gallery".split(
      " ",
    ),
    ..."camera webcam admin administrator root login logmein access server raspberry raspi".split(" "),
    ..."change-?me letmein let-me-in welcome willkommen default example please test demo hello".split(" "),
    ..."iloveyou i-love-you trustno1 sunshine princess dragon monkey football baseball".split(" "),
    ..."superman batman starwars shadow master freedom whatever hunter2 qazwsx".split(" "),
  ].join("|"),
  "g",
);
/** A text of this many characters that comes again is a repetition. Two equal ones are common by chance. */
const REPEATED = /(.{3,}).*\1/;
/** Minimum length of a sequence such as `abc`, `321` or `1122`. */
const MIN_SEQUENCE = 3;
/** Minimum length of a walk over the keyboard such as `asdf`, `poiu` or `1q2w`. */
const MIN_WALK = 4;
const MIN_DIFFERENT = 5;
const ROWS = ["1234567890-=", "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./"];
/** Each row of keys lies half a key further right than the one above it. */
const KEYS = new Map(
  ROWS.flatMap((keys, y) => [...keys].map((key, x) => [key, { x: x + y / 2, y }] as const)),
);

/** The number of characters that a guesser has to guess one by one; 0 where few of them are different. */
export function strengthOf(token: string): number {
  let rest = token.toLowerCase().replace(KNOWN_WORDS, "*");
  for (let unit; (unit = REPEATED.exec(rest)?.[1]);) rest = rest.replaceAll(unit, "*");
  rest = withoutRuns(withoutRuns(rest, areNearKeys, MIN_WALK), areInSequence, MIN_SEQUENCE);
  // `xyxyxyxy` has few different characters; hexadecimal digits have 16.
  return new Set(rest).size < MIN_DIFFERENT ? 0 : rest.length;
}

/** The text with the first character only of each run of characters of which each follows from the one before. */
function withoutRuns(
  text: string,
  follows: (last: string, next: string) => boolean,
  minLength: number,
): string {
  let rest = "";
  for (let from = 0, to = 1; from < text.length; from = to++) {
    while (to < text.length && follows(text[to - 1], text[to])) to++;
    rest += to - from < minLength ? text.slice(from, to) : text[from];
  }
  return rest;
}

function areInSequence(last: string, next: string): boolean {
  return Math.abs(last.charCodeAt(0) - next.charCodeAt(0)) <= 1;
}

/** Whether the keys are the same one, or touch. */
function areNearKeys(last: string, next: string): boolean {
  const [from, to] = [KEYS.get(last), KEYS.get(next)];
  return from !== undefined && to !== undefined && Math.abs(from.x - to.x) <= 1 &&
    Math.abs(from.y - to.y) <= 1;
}
