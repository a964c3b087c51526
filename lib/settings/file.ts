/**
 * The settings file (TOML): `name = value` with the names of the flags. Lines before the first section are for every
 * program that has such a setting; a section such as `[saver]` is for that program alone and goes before them.
 *
 * One file may serve programs of several versions. What only this program reads (its section, its settings) must be
 * right. An unknown shared line or section is a warning, because a later version may have it. It is a mistake when one
 * edit makes it a name of this program: no two names of ours are that close, so it is a typo.
 */
import { parse, TomlError } from "smol-toml";
import { diskMessage } from "../durable_file.ts";
import { messageOf } from "../errors.ts";
import { quoted } from "../safe_address.ts";
import type { Given, Problems, Reader } from "./source.ts";
import { isTypo, nearest } from "./suggest.ts";

type Table = Readonly<Record<string, unknown>>;

/** The texts that the file gives for the reader's settings, by flag. */
export function readSettingsFile(path: string, reader: Reader, problems: Problems): Map<string, Given> {
  const file = quoted(path);
  const whole = readTable(path, file, problems);
  const given = new Map<string, Given>();
  const { program, names, known } = reader;
  for (const [name, value] of Object.entries(whole)) {
    const isSection = isTable(value);
    if (names.includes(name)) take(name, value, `${name} in ${file}`, given, problems);
    else if (!(isSection ? [program, ...known.programs] : Object.keys(known.settings)).includes(name)) {
      reportUnknown(name, isSection, file, reader, problems);
    }
  }
  const own = Object.hasOwn(whole, program) ? whole[program] : undefined;
  for (const [name, value] of Object.entries(isTable(own) ? own : {})) {
    const place = `${program}.${shown(name)} in ${file}`;
    if (names.includes(name)) take(name, value, place, given, problems);
    else {
      problems.mistakes.push(`${place}: ${program} has no such setting`);
      const near = nearest(name, names);
      if (near) problems.hints.add(`rename the line to ${near}`);
    }
  }
  return given;
}

function readTable(path: string, file: string, { mistakes, hints }: Problems): Table {
  try {
    return parse(Deno.readTextFileSync(path));
  } catch (error) {
    if (error instanceof TomlError) {
      mistakes.push(`${file} line ${error.line}, column ${error.column}: ${tomlMistake(error)}`);
    } else {
      mistakes.push(`cannot read the settings file ${file}: ${diskMessage(error)}`);
      hints.add("set --config to the path of a TOML file that this user can read");
    }
    return {};
  }
}

/** A date is an object too. */
function isTable(value: unknown): value is Table {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

/** A text that is not a name may be a line without its name, and hold a secret. */
function shown(name: string): string {
  return /^[\w-]{1,64}$/.test(name) ? name : "a name";
}

function take(
  name: string,
  value: unknown,
  place: string,
  given: Map<string, Given>,
  { mistakes }: Problems,
): void {
  if (typeof value === "object") mistakes.push(`${place}: should be a text, a number, true or false`);
  else if (value !== "") given.set(name, { text: String(value), place }); // An empty text counts as absent.
}

function reportUnknown(
  name: string,
  isSection: boolean,
  file: string,
  { program, names, known }: Reader,
  { mistakes, warnings, hints }: Problems,
): void {
  const [own, all] = isSection
    ? [[program], [program, ...known.programs]]
    : [names, [...names, ...Object.keys(known.settings)]];
  const what = isSection
    ? `[${shown(name)}] in ${file}: no program has this name`
    : `${shown(name)} in ${file}: no program has such a setting`;
  const near = nearest(name, all);
  const written = near && (isSection ? `[${near}]` : near);
  if (own.some((one) => isTypo(name, one))) {
    mistakes.push(what);
    hints.add(`rename ${shown(name)} to ${written}`);
  } else warnings.push(written ? `${what}. Try: rename it to ${written}` : what);
}

/** What is wrong with the text, in the parser's words; never the text itself, which the parser quotes below them. */
function tomlMistake(error: TomlError): string {
  const [, words] = /^(Invalid TOML document: [a-z ,:'-]+)\n/i.exec(messageOf(error)) ?? [];
  return words ?? "Invalid TOML document";
}
