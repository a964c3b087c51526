/**
 * The settings file (TOML): `name = value` under the same names as the flags. Lines before the first table are for
 * every program that has such a setting; a table such as `[saver]` is for that program alone.
 */
import { parse, TomlError } from "smol-toml";
import { messageOf } from "../errors.ts";
import { KNOWN_NAMES } from "./setting_names.ts";

const PROGRAMS = ["detector", "logger", "forwarder", "saver", "gallery", "demo"];

/** The texts a file gives for `names`, by name; what is wrong with it is added to `mistakes`. */
export function readSettingsFile(
  path: string,
  program: string,
  names: readonly string[],
  mistakes: string[],
): Map<string, { text: string; place: string }> {
  const given = new Map<string, { text: string; place: string }>();
  const take = (table: Record<string, unknown>, where: string) => {
    for (const [name, value] of Object.entries(table)) {
      const place = `${where}${name} in "${path}"`;
      if (where === "" && PROGRAMS.includes(name)) continue;
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
      mistakes.push(
        `"${path}" line ${error.line}, column ${error.column}: ${messageOf(error).split("\n")[0]}`,
      );
    } else {
      mistakes.push(`cannot read the settings file "${path}": ${messageOf(error).replace(/: .*'$/, "")}`);
    }
  }
  return given;
}
