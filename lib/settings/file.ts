/**
 * The settings file (TOML): `name = value` under the same names as the flags. Lines before the first table are for
 * every program that has such a setting; a table such as `[saver]` is for that program alone.
 */
import { parse, TomlError } from "smol-toml";
import { messageOf } from "../errors.ts";
import { quoted } from "../safe_address.ts";
import type { Given } from "./environment.ts";
import { KNOWN_NAMES, PROGRAM_NAMES } from "./setting_names.ts";

/** The texts a file gives for `names`, by name; what is wrong with it is added to `mistakes`. */
export function readSettingsFile(
  path: string,
  program: string,
  names: readonly string[],
  mistakes: string[],
): Map<string, Given> {
  const given = new Map<string, Given>();
  const file = quoted(path);
  const take = (table: Record<string, unknown>, where: string) => {
    for (const [name, value] of Object.entries(table)) {
      // A line without its name, or with an address for one, would show a secret.
      const place = `${where}${/^[\w-]{1,64}$/.test(name) ? name : "a name"} in ${file}`;
      if (where === "" && PROGRAM_NAMES.includes(name)) continue;
      if (where === "" && !names.includes(name) && KNOWN_NAMES.has(name)) continue; // For another program.
      if (!names.includes(name)) mistakes.push(`${place}: ${program} has no such setting`);
      else if (typeof value === "object") {
        mistakes.push(`${place}: should be a text, a number, true or false`);
      } else if (value !== "") given.set(name, { text: String(value), place }); // An empty text is as good as none.
    }
  };
  try {
    const whole = parse(Deno.readTextFileSync(path));
    take(whole, "");
    const own = whole[program];
    if (typeof own === "object" && !Array.isArray(own)) take(own as Record<string, unknown>, `${program}.`);
  } catch (error) {
    if (error instanceof TomlError) {
      mistakes.push(`${file} line ${error.line}, column ${error.column}: ${tomlMistake(error)}`);
    } else {
      mistakes.push(`cannot read the settings file ${file}: ${messageOf(error).replace(/: .*'$/, "")}`);
    }
  }
  return given;
}

/** What is wrong with the text, in the parser's own words; never the text, which it quotes below them. */
function tomlMistake(error: TomlError): string {
  const [, words] = /^(Invalid TOML document: [a-z ,:'-]+)\n/i.exec(messageOf(error)) ?? [];
  return words ?? "Invalid TOML document";
}
