/**
 * Settings, each declared once: from its declaration come the flag, the environment variable, the line in the
 * settings file, the check, the line of `--help` and the row of the README's table.
 *
 * Flags go before the environment, the environment before the file, the file before the default. All mistakes are
 * collected and reported together.
 */
import { parseArgs } from "node:util";
import { UsageError } from "../errors.ts";
import { readSettingsFile } from "./settings_file.ts";

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
export function text<A extends About<string> & { required?: true; secret?: true }>(
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
  readonly env: (name: string) => string | undefined;
}

/** A setting and a text for it, with the place it came from for messages. */
interface Given {
  readonly text: string;
  readonly place: string;
}

/** Reads all settings of `program`, or throws one UsageError that names every mistake. */
export function readSettings<S extends Settings>(program: string, settings: S, sources: Sources): Values<S> {
  const mistakes: string[] = [];
  const hints = new Set<string>();
  const flags = readFlags(program, settings, sources.args, mistakes, hints);
  const environment = readEnvironment(program, settings, sources.env);
  const configPath = flags.get("config")?.text ?? environment.get("config")?.text;
  const file = configPath === undefined
    ? new Map<string, Given>()
    : readSettingsFile(configPath, program, Object.keys(settings).map(flagName), mistakes);

  const values: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(settings)) {
    const given = flags.get(name) ?? environment.get(name) ?? file.get(flagName(name)) ??
      (setting.fallback === undefined ? undefined : { text: setting.fallback, place: "the default" });
    if (given === undefined) {
      if (setting.required) mistakes.push(`--${flagName(name)} is missing: ${setting.help}`);
      continue;
    }
    try {
      values[name] = setting.parse(given.text);
    } catch (error) {
      const shown = setting.secret ? "(not shown)" : `"${withoutPassword(given.text)}"`;
      mistakes.push(`${given.place} is ${shown}: ${(error as Error).message}`);
    }
  }
  if (mistakes.length > 0) {
    throw new UsageError(mistakes.join("\n"), [...hints, `${program} --help`].join("  or  "));
  }
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
      const shown = withoutPassword(token.value);
      mistakes.push(`"${shown}" is not understood: settings are given as --name value`);
      continue;
    }
    const name = names.find((candidate) => flagName(candidate) === token.name);
    if (!name) {
      const given = args[token.index].split("=")[0];
      const near = nearest(token.name, names.filter((name) => !settings[name].secret).map(flagName));
      mistakes.push(`no setting "${given}" in ${program}`);
      if (near) hints.add(`--${near}`);
      reported = token.inlineValue ? token.index + 1 : behindValue(token.index + 1);
    } else if (settings[name].secret) {
      mistakes.push(`${token.rawName} is a secret, which every user of the machine could read in a flag`);
      hints.add(`${environmentName(flagName(name))} in the environment`);
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
      hints.add(`${environmentName(flagName(name))} in the environment`);
    } else {
      flags.set(name, { text: token.value, place: token.rawName });
    }
  }
  return flags;
}

/** `HAARLEM_SAVER_BROKER` is for the saver alone and goes before `HAARLEM_BROKER`, which is for every program. */
function readEnvironment(program: string, settings: Settings, env: Sources["env"]): Map<string, Given> {
  const given = new Map<string, Given>();
  for (const name of Object.keys(settings)) {
    const own = environmentName(`${program}_${flagName(name)}`);
    const shared = environmentName(flagName(name));
    const place = env(own) ? own : shared; // An empty variable is as good as none.
    const text = env(place);
    if (text) given.set(name, { text, place });
  }
  return given;
}

/** Hides what lies between the first colon and the last `@`, where an address carries a password. */
function withoutPassword(text: string): string {
  return text.replace(/:.*@/s, ":…@");
}

/** `minSize` -> `min-size`. */
export function flagName(name: string): string {
  return name.replace(/[A-Z]/g, (part) => `-${part.toLowerCase()}`);
}

/** `min-size` -> `HAARLEM_MIN_SIZE`. */
export function environmentName(flag: string): string {
  return `HAARLEM_${flag.replaceAll("-", "_").toUpperCase()}`;
}

/** The known name with the fewest edits from `wrong`, when there are few enough to be a slip. */
function nearest(wrong: string, names: readonly string[]): string | undefined {
  const ranked = names.map((name) => ({ name, edits: editDistance(wrong, name) })).sort((a, b) =>
    a.edits - b.edits
  );
  return ranked[0] && ranked[0].edits <= Math.min(3, wrong.length - 1) ? ranked[0].name : undefined;
}

/** Levenshtein's distance, row by row. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[b.length];
}
