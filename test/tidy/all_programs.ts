/** Every program of the list, loaded from its source. */
import type { Settings } from "../../lib/settings/declare.ts";
import { type COMMON_SETTINGS, type Program } from "../../lib/program/program.ts";
import { PROGRAMS as LISTED } from "../../lib/program/programs.ts";

/** In the order of the list. */
export const PROGRAMS: readonly Program<Settings & typeof COMMON_SETTINGS>[] = await Promise.all(
  LISTED.map(async ({ name }) => (await import(`../../workers/${name}.ts`))[name]),
);
