/** The day in object keys: what a KeyTemplate wrote is read again, and every other key is recognised as such. */
import { ConfigError } from "../errors.ts";
import type { KeyTemplate } from "./object_key.ts";
import { isPlausible } from "./plausible_time.ts";

/** What each field of a key looks like. A name has the characters that a face's metadata allows. */
const NAME = "[\\w-]+";
export const FIELD_PATTERNS: Readonly<Record<string, string>> = {
  YYYY: "\\d{4}",
  MM: "\\d\\d",
  DD: "\\d\\d",
  HH: "\\d\\d",
  mm: "\\d\\d",
  ss: "\\d\\d",
  SSS: "\\d{3}",
  camera: NAME,
  device: NAME,
  epoch: NAME,
  sequence: "\\d{8,}",
  hash: "[0-9a-f]{12}",
  sha256: "[0-9a-f]{64}",
  ext: "(?:png|jpg)",
};

const DAY = ["YYYY", "MM", "DD"] as const;
/** The number that tells apart faces with one key: `_2` before the file's extension. */
const NUMBER = /_\d{1,4}(\.\w+)?$/;

/** The keys of one template that hold a day. */
export class KeyDays {
  /** What all these keys begin with. */
  readonly prefix: string;
  readonly #pattern: RegExp;
  /** Writes the part of a key up to the day, where keys sort by day. */
  readonly #start?: (day: string) => string;

  /** Throws a ConfigError when the keys of the template hold no whole date. */
  constructor(private readonly template: KeyTemplate) {
    const text = template.template;
    const missing = DAY.filter((field) => !text.includes(`{${field}}`));
    if (missing.length > 0) {
      throw new ConfigError(
        `--keep-days needs the date in --key, which has no ${missing.map((field) => `{${field}}`).join(" ")}`,
        "add {YYYY}, {MM} and {DD} to --key, or omit --keep-days",
      );
    }
    this.prefix = text.slice(0, text.indexOf("{"));
    this.#pattern = patternOf(text);
    const start = /^[^{]*\{YYYY\}[^{]*\{MM\}[^{]*\{DD\}/.exec(text)?.[0];
    if (start !== undefined) this.#start = (day) => written(start, day);
  }

  /** The day of a key, such as `2026-01-31`; undefined for a key that no saver with this template writes. */
  dayOf(key: string): string | undefined {
    const found = this.#pattern.exec(key) ??
      (this.template.unique ? null : this.#pattern.exec(key.replace(NUMBER, "$1")));
    if (!found) return undefined;
    const { YYYY, MM, DD } = found.groups!;
    const day = `${YYYY}-${MM}-${DD}`;
    const ms = Date.parse(`${day}T00:00:00Z`);
    // Date.parse() accepts 31 February and returns a day of March.
    return isPlausible(ms) && new Date(ms).toISOString().startsWith(day) ? day : undefined;
  }

  /** Whether keys of the template may lie in a folder, such as `2026-01-31/`. */
  mayHold(folder: string): boolean {
    const levels = this.template.template.split("/").slice(0, folder.split("/").length - 1);
    return patternOf([...levels, ""].join("/")).test(folder);
  }

  /** Keys of earlier days sort before it, and keys of this day and later ones do not; undefined where keys do not sort by day. */
  startOf(day: string): string | undefined {
    return this.#start?.(day);
  }
}

/** The pattern of all keys of a template, with groups for the date. A field that is repeated has its first value again. */
function patternOf(template: string): RegExp {
  const seen = new Set<string>();
  const parts = template.split(/\{([^}]*)\}/).map((part, index) => {
    if (index % 2 === 0) return part.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
    if (seen.has(part)) return `\\k<${part}>`;
    seen.add(part);
    return `(?<${part}>${FIELD_PATTERNS[part]})`;
  });
  return new RegExp(`^${parts.join("")}$`);
}

function written(text: string, day: string): string {
  const [year, month, date] = day.split("-");
  return text.replace("{YYYY}", year).replace("{MM}", month).replace("{DD}", date);
}
