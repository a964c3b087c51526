/**
 * Reads untrusted values field by field: only known fields of the expected type are kept. A reader returns the value, or
 * nothing when it has another type.
 */

/** Returns the value as a `T`; nothing when it is of another type. */
export type Reader<T> = (value: unknown) => T | undefined;

/** A field that may be missing. A value of another type is omitted, and the other fields stay. */
export type Optional<T> = { readonly optional: Reader<T> };

/** A reader for every field of `T`. A field of `T` without a reader is a type error. */
export type Fields<T> = {
  readonly [Name in keyof T]-?: undefined extends T[Name] ? Optional<NonNullable<T[Name]>> : Reader<T[Name]>;
};

/** Marks a field that may be missing. */
export function optional<T>(reader: Reader<T>): Optional<T> {
  return { optional: reader };
}

/** An object with these fields and no others. */
export function fields<T extends object>(readers: Fields<T>): Reader<T> {
  const entries = Object.entries(readers) as [string, Reader<unknown> | Optional<unknown>][];
  return (value) => {
    if (typeof value !== "object" || value === null) return undefined;
    const known: Record<string, unknown> = {};
    for (const [name, reader] of entries) {
      const isOptional = typeof reader !== "function";
      const given = Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
      const read = (isOptional ? reader.optional : reader)(given);
      if (read !== undefined) known[name] = read;
      else if (!isOptional) return undefined;
    }
    return known as T;
  };
}

/** Reads a missing value, or one of another type, as `fallback`. */
export function orElse<T>(reader: Reader<T>, fallback: T): Reader<T> {
  return (value) => reader(value) ?? fallback;
}

/** A text that matches the pattern. */
export function text(pattern: RegExp): Reader<string> {
  return (value) => typeof value === "string" && pattern.test(value) ? value : undefined;
}

/** One of these words. */
export function oneOf<const T extends string>(...words: readonly T[]): Reader<T> {
  return (value) => words.find((word) => word === value);
}

/** A finite number from `min` to `max`. */
export function number({ min = -Infinity, max = Infinity } = {}): Reader<number> {
  return (value) =>
    typeof value === "number" && Number.isFinite(value) && value >= min && value <= max ? value : undefined;
}

/** A list of `count` items; nothing when one of them is malformed. */
export function list<T>(reader: Reader<T>, { count }: { count: number }): Reader<readonly T[]> {
  return (value) => {
    if (!Array.isArray(value) || value.length !== count) return undefined;
    const known = value.map(reader).filter((item) => item !== undefined);
    return known.length === count ? known : undefined;
  };
}

/** A whole number from 1. */
export const count: Reader<number> = (value) =>
  Number.isSafeInteger(value) && value as number > 0 ? value as number : undefined;

/** True or false. */
export const truth: Reader<boolean> = (value) => typeof value === "boolean" ? value : undefined;

/** A valid time (no 31 February) as `Date.toISOString` writes it in the years 0 to 9999. */
export const time: Reader<string> = (value) => {
  if (typeof value !== "string" || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value)) return undefined;
  const ms = Date.parse(value);
  return !Number.isNaN(ms) && new Date(ms).toISOString() === value ? value : undefined;
};

/** Numbers under names like `scaleFactor`, at most `max` of them. Other fields are omitted. */
export function numbers({ max }: { max: number }): Reader<Readonly<Record<string, number>>> {
  return (value) => {
    if (typeof value !== "object" || value === null) return undefined;
    const known = Object.entries(value).filter(([name, value]) =>
      /^[A-Za-z]\w{0,63}$/.test(name) && Number.isFinite(value)
    );
    return Object.fromEntries(known.slice(0, max));
  };
}
