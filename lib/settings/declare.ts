/**
 * Settings, each declared once: from its declaration come the flag, the environment variable, the line in the
 * settings file, the check, the line of `--help` and the row of the README's table.
 *
 * Flags go before the environment, the environment before the file, the file before the default. All mistakes are
 * collected and reported together.
 */
import { parseArgs } from "node:util";
import { ConfigError } from "../errors.ts";
import { NOT_SHOWN, quoted, safeAddress } from "../safe_address.ts";
import { environmentName, type Given, readEnvironment, unknownVariables } from "./environment.ts";
import { nearest } from "./suggest.ts";
import { readSettingsFile } from "./file.ts";

export { environmentName };

/** One setting, of type `T` once it is read. */
export interface Setting<T> {
  readonly help: string;
  /** What stands for the value in the help, such as `URL`; absent for a plain flag. */
  readonly placeholder?: string;
  /** The default as the user would write it; absent when there is none. */
  readonly fallback?: string;
  /** Without a value the program cannot start. */
  readonly required?: boolean;
  /** Never taken from a flag, where every user of the machine could read it. */
  readonly secret?: boolean;
  /** An address, which may hold a password: of a wrong one at most the safe parts are shown. */
  readonly address?: boolean;
  /** The value, or an Error whose message says what is and what should be. */
  readonly parse: (text: string) => T;
}

// deno-lint-ignore no-explicit-any
export type Settings = Readonly<Record<string, Setting<any>>>;

/** The values of declared settings. */
export type Values<S extends Settings> = {
  readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : never;
};

interface About<D> {
  readonly help: string;
  readonly placeholder?: string;
  readonly fallback?: D;
}

type Optional<T, A> = A extends { fallback: string } | { required: true } ? T : T | undefined;

/** Any text, checked by `check` when it is given: it returns what is wrong, or nothing. */
export function text<A extends About<string> & { required?: true; secret?: true; address?: true }>(
  about: A & { check?: (text: string) => string | undefined },
): Setting<Optional<string, A>> {
  return {
    placeholder: "TEXT",
    ...about,
    parse: (given) => {
      const wrong = about.check?.(given);
      if (wrong) throw new Error(wrong);
      return given as Optional<string, A>;
    },
  };
}

/** A number between `min` and `max`, whole unless `fraction` says otherwise. */
export function number<A extends About<string>>(
  about: A & { min: number; max: number; fraction?: true; unit?: string },
): Setting<Optional<number, A>> {
  const { min, max, fraction, unit } = about;
  return {
    ...about,
    placeholder: about.placeholder ?? (unit ? unit.toUpperCase() : "N"),
    parse: (given) => {
      const value = given.trim() === "" ? NaN : Number(given);
      const kind = fraction ? "a number" : "a whole number";
      if (!(value >= min && value <= max) || (!fraction && !Number.isInteger(value))) {
        throw new Error(`should be ${kind} from ${min} to ${max}${unit ? ` (${unit})` : ""}`);
      }
      return value as Optional<number, A>;
    },
  };
}

/** One of a few words. */
export function choice<const C extends readonly string[], A extends About<C[number]>>(
  words: C,
  about: A,
): Setting<Optional<C[number], A>> {
  return {
    ...about,
    placeholder: words.join("|"),
    parse: (given) => {
      if (!words.includes(given)) throw new Error(`should be one of ${words.join(", ")}`);
      return given as Optional<C[number], A>;
    },
  };
}

/** Something that is either on or off and says which. */
export function onOff(about: { help: string; fallback: "on" | "off" }): Setting<boolean> {
  return {
    ...choice(["on", "off"], about),
    parse: (given) => choice(["on", "off"], about).parse(given) === "on",
  };
}

/** A flag without a value. In the environment and the file: true or false. */
export function flag(about: { help: string }): Setting<boolean> {
  return {
    ...about,
    fallback: "false",
    parse: (given) => {
      if (given !== "true" && given !== "false") throw new Error("should be true or false");
      return given === "true";
    },
  };
}

/** Where values come from, besides the declarations. */
export interface Sources {
  readonly args: readonly string[];
  /** The environment, or the part of it that may be read. */
  readonly env: Readonly<Record<string, string>>;
  /** Takes what looks like a slip and may be none. */
  readonly onWarning?: (warning: string) => void;
}

/** Reads all settings of `program`, or throws one ConfigError that names every mistake. */
export function readSettings<S extends Settings>(program: string, settings: S, sources: Sources): Values<S> {
  const mistakes: string[] = [];
  const warnings: string[] = [];
  const hints = new Set<string>();
  const flags = readFlags(program, settings, sources.args, mistakes, hints);
  const names = Object.keys(settings).map(flagName);
  const environment = readEnvironment(program, names, sources.env);
  for (const { message, near, isOwn } of unknownVariables(program, names, sources.env)) {
    if (isOwn) mistakes.push(message);
    if (isOwn && near) hints.add(`set ${near}`);
    if (!isOwn) warnings.push(near ? `${message}; Try: set ${near}` : message);
  }
  const configPath = flags.get("config")?.text ?? environment.get("config")?.text;
  const file = configPath === undefined
    ? new Map<string, Given>()
    : readSettingsFile(configPath, program, names, mistakes);

  const values: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(settings)) {
    const given = flags.get(name) ?? environment.get(flagName(name)) ?? file.get(flagName(name)) ??
      (setting.fallback === undefined ? undefined : { text: setting.fallback, place: "the default" });
    if (given === undefined) {
      if (setting.required) mistakes.push(`--${flagName(name)} is missing: ${setting.help}`);
      continue;
    }
    try {
      values[name] = setting.parse(given.text);
    } catch (error) {
      mistakes.push(`${given.place} is ${shown(setting, given.text)}: ${(error as Error).message}`);
    }
  }
  if (mistakes.length > 0) {
    // A setting that is missing may be the one that a slip names.
    throw new ConfigError(
      [...mistakes, ...warnings].join("\n"),
      [...hints, `run ${program} --help`].join("  or  "),
    );
  }
  for (const warning of warnings) sources.onWarning?.(warning);
  return values as Values<S>;
}

function readFlags(
  program: string,
  settings: Settings,
  args: readonly string[],
  mistakes: string[],
  hints: Set<string>,
): Map<string, Given> {
  const names = Object.keys(settings);
  const options = Object.fromEntries(
    names.map((
      name,
    ) => [flagName(name), { type: settings[name].placeholder ? "string" : "boolean" } as const]),
  );
  const { tokens } = parseArgs({
    args: [...args],
    options,
    strict: false,
    tokens: true,
    allowPositionals: true,
  });
  const flags = new Map<string, Given>();
  /** Arguments before this one are understood, or belong to a mistake that is reported already. */
  let reported = 0;
  const behindValue = (index: number) => args[index] && !args[index].startsWith("--") ? index + 1 : index;
  for (const token of tokens) {
    if (token.kind === "option-terminator" || token.index < reported) continue;
    if (token.kind === "positional") {
      // It may be the rest of a password with a space in it.
      mistakes.push(`argument ${token.index + 1} is not understood: settings are given as --name value`);
      continue;
    }
    const name = names.find((candidate) => flagName(candidate) === token.name);
    if (!name) {
      // What does not look like a name may hold a secret, as in -pSECRET.
      const given = /^--[a-z][\w-]{0,40}(?==|$)/i.exec(args[token.index])?.[0] ??
        args[token.index].slice(0, 2);
      const near = nearest(token.name, names.filter((name) => !settings[name].secret).map(flagName));
      mistakes.push(`no setting "${given}" in ${program}`);
      if (near) hints.add(`set --${near}`);
      reported = token.inlineValue ? token.index + 1 : behindValue(token.index + 1);
    } else if (settings[name].secret) {
      mistakes.push(`${token.rawName} is a secret, which every user of the machine could read in a flag`);
      hints.add(`set ${environmentName(flagName(name))} in the environment`);
    } else if (!settings[name].placeholder) {
      if (token.value !== undefined) mistakes.push(`${token.rawName} takes no value`);
      flags.set(name, { text: "true", place: token.rawName });
    } else if (!token.value || (!token.inlineValue && token.value.startsWith("--"))) {
      mistakes.push(`${token.rawName} needs a value: ${settings[name].placeholder}`);
      reported = token.inlineValue ? token.index + 1 : behindValue(token.index + 2);
    } else if (/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*:[^/?#]*@/i.test(token.value)) {
      mistakes.push(
        `${token.rawName} holds a password, which every user of the machine could read in a flag`,
      );
      hints.add(`set ${environmentName(flagName(name))} in the environment`);
    } else {
      flags.set(name, { text: token.value, place: token.rawName });
    }
  }
  return flags;
}

/** A text that is wrong for a setting, as it may be shown. */
function shown({ secret, address }: Setting<unknown>, text: string): string {
  if (secret) return NOT_SHOWN;
  if (!address) return quoted(text);
  const safe = safeAddress(text);
  return safe === NOT_SHOWN ? safe : `"${safe}"`;
}

/** `minSize` -> `min-size`. */
export function flagName(name: string): string {
  return name.replace(/[A-Z]/g, (part) => `-${part.toLowerCase()}`);
}
