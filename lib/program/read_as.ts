/** Reads settings for a program: from the flags of this process, its environment and the settings file. */
import type { Settings, Values } from "../settings/declare.ts";
import { readSettings } from "../settings/read.ts";
import { KNOWN_NAMES } from "./known_names.ts";

/** Variables of a service that matter to its settings; others, such as those of the loader, are not taken. */
const TAKEN = /^(HAARLEM|AWS)_\w+$|^STATE_DIRECTORY$|^(HTTPS?|NO)_PROXY$/i;

/**
 * Reads the settings of `program`, or throws one ConfigError that names every mistake.
 * @param variables set in the environment first, for this process and all that it reads later.
 * @param onWarning takes what may be a mistake.
 */
export type ReadAs = <S extends Settings>(
  program: string,
  settings: S,
  variables?: Readonly<Record<string, string>>,
  onWarning?: (warning: string) => void,
) => Values<S>;

/** @param args the flags of this process. */
export function readerOf(args: readonly string[]): ReadAs {
  return (program, settings, variables = {}, onWarning = () => {}) => {
    for (const [name, value] of Object.entries(variables)) if (TAKEN.test(name)) Deno.env.set(name, value);
    return readSettings(program, settings, { args, env: Deno.env.toObject(), known: KNOWN_NAMES, onWarning });
  };
}
