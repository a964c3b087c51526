/**
 * Keeps the settings in README.md equal to their declarations: `deno task docs` writes them, the test
 * `readme_test.ts` compares. What is generated stands between `<!-- settings NAME -->` and `<!-- end -->`.
 */
import { settingsTable } from "../lib/settings/help.ts";
import { detector } from "../workers/detector.ts";
import { forwarder } from "../workers/forwarder.ts";
import { gallery } from "../workers/gallery.ts";
import { logger } from "../workers/logger.ts";
import { saver } from "../workers/saver.ts";
import { COMMON_SETTINGS } from "../lib/program/program.ts";

/** The programs with settings of their own in the README. */
export const PROGRAMS = [detector, logger, forwarder, saver, gallery];

/** Where the README is. */
export const README = new URL("../README.md", import.meta.url);

/** The README's text with all tables made anew. */
export function withSettings(readme: string): string {
  return readme.replace(
    /(<!-- settings (\w+) -->\n)[^]*?(<!-- end -->)/g,
    (_, begin, name, end) => `${begin}${table(name)}\n${end}`,
  );
}

function table(name: string): string {
  if (name === "common") return settingsTable(COMMON_SETTINGS);
  const program = PROGRAMS.find((candidate) => candidate.name === name);
  if (!program) throw new Error(`README.md asks for the settings of "${name}", which is no program`);
  const own = Object.entries(program.settings).filter(([key]) => !(key in COMMON_SETTINGS));
  return settingsTable(Object.fromEntries(own));
}

if (import.meta.main) {
  await Deno.writeTextFile(README, withSettings(await Deno.readTextFile(README)));
}
