/**
 * Reads declared settings. Flags go before the environment, the environment before the settings file, the file before
 * a preset, the preset before the default. All mistakes are collected and reported together.
 */
import { ConfigError } from "../errors.ts";
import { NOT_SHOWN, quoted, safeAddress } from "../safe_address.ts";
import { commandOf } from "./command.ts";
import { flagName, type Setting, type Settings, type Values } from "./declare.ts";
import { readEnvironment } from "./environment.ts";
import { readSettingsFile } from "./file.ts";
import { readFlags } from "./flags.ts";
import type { Given, KnownNames, Problems, Reader } from "./source.ts";

/** Where values come from, besides the declarations. */
export interface Sources {
  readonly args: readonly string[];
  /** The environment, or the part of it that may be read. */
  readonly env: Readonly<Record<string, string>>;
  /** Names of other programs, which a shared environment or settings file may hold. */
  readonly known?: KnownNames;
  /** Takes what may be a mistake, or belong to a later program. */
  readonly onWarning?: (warning: string) => void;
}

const NOTHING_KNOWN: KnownNames = { programs: [], settings: {}, variables: [] };

/** Reads all settings of `program`, or throws one ConfigError that names every mistake. */
export function readSettings<S extends Settings>(program: string, settings: S, sources: Sources): Values<S> {
  const { args, env, known = NOTHING_KNOWN, onWarning } = sources;
  const problems: Problems = { mistakes: [], warnings: [], hints: new Set() };
  const { mistakes, warnings, hints } = problems;
  const reader: Reader = { program, names: Object.keys(settings).map(flagName), known };
  const flags = readFlags(reader, settings, args, problems);
  const environment = readEnvironment(reader, env, problems);
  const configPath = flags.get("config")?.text ?? environment.get("config")?.text;
  const file = configPath === undefined
    ? new Map<string, Given>()
    : readSettingsFile(configPath, reader, problems);

  const given = (name: string) =>
    flags.get(name) ?? environment.get(flagName(name)) ?? file.get(flagName(name));
  const preset = presetTexts(settings, given);
  const values: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(settings)) {
    const flag = flagName(name);
    const found = given(name) ?? preset.get(name) ??
      (setting.fallback === undefined ? undefined : { text: setting.fallback, place: "the default" });
    if (found === undefined) {
      if (setting.required) mistakes.push(`--${flag} is required: ${setting.help}`);
      continue;
    }
    try {
      values[name] = setting.parse(found.text);
    } catch (error) {
      mistakes.push(`${found.place} ${wrongly(setting, found.text)}: ${(error as Error).message}`);
    }
  }
  if (mistakes.length > 0) {
    // The warnings too: a setting that is missing may be there under a mistyped name.
    throw new ConfigError(
      [...mistakes, ...warnings].join("\n"),
      [...hints, `run ${commandOf(program)} --help`].join("  or  "),
    );
  }
  for (const warning of warnings) onWarning?.(warning);
  return values as Values<S>;
}

/** The texts that the given presets stand for, by the name of the setting. A preset that does not exist has none. */
function presetTexts(
  settings: Settings,
  given: (name: string) => Given | undefined,
): ReadonlyMap<string, Given> {
  const texts = new Map<string, Given>();
  for (const [name, { presets = {} }] of Object.entries(settings)) {
    const chosen = given(name);
    if (chosen === undefined || !Object.hasOwn(presets, chosen.text)) continue;
    for (const [other, text] of Object.entries(presets[chosen.text])) {
      texts.set(other, { text, place: `--${flagName(other)} of the preset "${chosen.text}"` });
    }
  }
  return texts;
}

/** `is "6"`: the verb and the text that is wrong for a setting, as far as a message may show it. */
function wrongly({ secret, hidden, address }: Setting<unknown>, text: string): string {
  const shown = secret || hidden ? NOT_SHOWN : address ? safeAddress(text) : quoted(text);
  if (shown === NOT_SHOWN) return `has a wrong value ${NOT_SHOWN}`;
  return `is ${address ? `"${shown}"` : shown}`;
}
