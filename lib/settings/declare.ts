/**
 * Declares settings. From one declaration come the flag, the environment variable, the line of the settings file, the
 * check, the line of `--help` and the row in docs/SETTINGS.md. Nothing in this folder depends on a program.
 */

/** One setting, of type `T` once it is read. */
export interface Setting<T> {
  /** A verb or noun phrase in lower case, without a full stop, of at most 80 characters. */
  readonly help: string;
  /** Further sentences, for `--help all` and docs/SETTINGS.md. */
  readonly details?: string;
  /** The heading under which help lists the setting. */
  readonly group?: string;
  /** Stands for the value in the help, such as `URL`; absent for a flag without a value. */
  readonly placeholder?: string;
  /** The default as the user would write it; absent when there is none. */
  readonly fallback?: string;
  /** The default as help shows it, of a setting without `fallback`: the program tells by its absence that it is not set. */
  readonly shownFallback?: string;
  /** What a number may be; other settings have none. */
  readonly range?: NumberRange;
  /** Without a value the program does not start. */
  readonly required?: boolean;
  /** Never taken from a flag, because every user of the machine can read the flags of a process. */
  readonly secret?: boolean;
  /** The value may hold a secret: messages never show it, and {@link parse} shows only parts that are none. */
  readonly hidden?: true;
  /** An address, which may hold a password: messages show only the safe parts of a wrong one. */
  readonly address?: boolean;
  /** Of a setting that stands for several: by its value, the texts of other settings that are given nowhere. */
  readonly presets?: Presets;
  /** Returns the value, or throws an Error whose message says what the value should be. */
  readonly parse: (text: string) => T;
}

/** The texts of settings, by the name of a preset and by the name of the setting. */
export type Presets = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** What a number may be: from `min` to `max`, whole unless `fraction` is set. */
export interface NumberRange {
  readonly min: number;
  readonly max: number;
  readonly fraction?: true;
  readonly unit?: string;
}

// deno-lint-ignore no-explicit-any
export type Settings = Readonly<Record<string, Setting<any>>>;

/** The values of declared settings. */
export type Values<S extends Settings> = {
  readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : never;
};

/** What every declaration says. */
interface About<D> {
  readonly help: string;
  readonly details?: string;
  readonly placeholder?: string;
  readonly fallback?: D;
  readonly shownFallback?: string;
}

type Optional<T, A> = A extends { fallback: string } | { required: true } ? T : T | undefined;

/** Puts settings under one heading of the help; a setting that has a group keeps it. */
export function grouped<S extends Settings>(group: string, settings: S): S {
  return Object.fromEntries(
    Object.entries(settings).map(([name, setting]) => [name, { group, ...setting }]),
  ) as S;
}

/** Any text. `check` returns what is wrong with it, or nothing. */
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

/** A number from `min` to `max`; whole unless `fraction` is set. */
export function number<A extends About<string>>(
  about: A & NumberRange,
): Setting<Optional<number, A>> {
  const { min, max, fraction, unit } = about;
  return {
    ...about,
    range: { min, max, fraction, unit },
    placeholder: about.placeholder ?? (unit === undefined ? "N" : asPlaceholder(unit)),
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

/** `seconds` -> `SECONDS`; a unit with capitals, such as `MiB`, stays as it is written. */
function asPlaceholder(unit: string): string {
  return /[A-Z]/.test(unit) ? unit : unit.toUpperCase();
}

/** One of a few words, or a former name of one. */
export function choice<
  const C extends readonly string[],
  A extends About<C[number]> & { formerNames?: Readonly<Record<string, C[number]>> },
>(words: C, { formerNames = {}, ...about }: A): Setting<Optional<C[number], A>> {
  return {
    ...about,
    placeholder: words.join("|"),
    parse: (given) => {
      const word = Object.hasOwn(formerNames, given) ? formerNames[given] : given;
      if (!words.includes(word)) throw new Error(`should be one of ${words.join(", ")}`);
      return word as Optional<C[number], A>;
    },
  };
}

/** `on` or `off`. */
export function onOff(about: { help: string; details?: string; fallback: "on" | "off" }): Setting<boolean> {
  const word = choice(["on", "off"], about);
  return { ...word, parse: (given) => word.parse(given) === "on" };
}

/** A flag without a value. In the environment and the settings file: true or false. */
export function flag(about: { help: string; details?: string }): Setting<boolean> {
  return {
    ...about,
    fallback: "false",
    parse: (given) => {
      if (given !== "true" && given !== "false") throw new Error("should be true or false");
      return given === "true";
    },
  };
}

/** The name of a set of values, which count for the settings that are given nowhere. Help lists the values. */
export function preset(about: { help: string; presets: Presets }): Setting<string | undefined> {
  const { presets } = about;
  const names = Object.keys(presets);
  const valuesOf = (name: string) =>
    Object.entries(presets[name]).map(([name, text]) => `--${flagName(name)} ${text}`).join(", ");
  const details = names.map((name) => `${names.length > 1 ? `${name} sets` : "Sets"} ${valuesOf(name)}.`);
  return { ...choice(names, { help: about.help, details: details.join(" ") }), presets };
}

/** `minSize` -> `min-size`. */
export function flagName(name: string): string {
  return name.replace(/[A-Z]/g, (part) => `-${part.toLowerCase()}`);
}

/** `min-size` -> `HAARLEM_MIN_SIZE`. */
export function environmentName(flag: string): string {
  return `HAARLEM_${flag.replaceAll("-", "_").toUpperCase()}`;
}
