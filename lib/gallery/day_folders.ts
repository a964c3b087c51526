/**
 * Finds the folders of days (`2026-01-31/`) in a store. One request returns them all, unless the top level of the store
 * also has thousands of other objects: then they are searched by year, by month and by day.
 */
import type { PictureStore } from "./picture_store.ts";
import { keyAt, timeInKey } from "./shown_face.ts";

export const DAY_MS = 24 * 3_600_000;
const DAY_FOLDER = /^\d{4}-\d\d-\d\d\/$/;
const MONTH_LENGTH = "2026-01-".length;
const DAY_LENGTH = "2026-01-31".length;
/** The search begins in this year: the software is not older. */
const FIRST_YEAR = 2024;
/** Maximum number of days that are searched by one request each; older days are not found. */
const MAX_SINGLE_DAYS = 366;
/** Results of the search are kept for this long. */
const FRESH_MS = 60_000;
/** Maximum number of kept results; beyond it all are dropped. */
const MAX_KEPT = 1_000;

/** Sorts after the folder of every day. */
export const AFTER_ALL_DAYS = "9999-99";

/** The folders of days in one store. */
export interface Days {
  /**
   * The folders older than `before` in groups, newest group first, each in ascending order. Between the first and the last
   * folder of a group the store has few other objects.
   */
  groups(options: { before: string; signal: AbortSignal }): AsyncIterable<readonly string[]>;
  /** All keys in these folders sort after `from` and before `to`. */
  readonly range: readonly [from: string, to: string];
  /** Whether the top level of the store has nothing but these folders. */
  readonly isAlone: boolean;
  readonly newest: string;
}

/** The clocks of the gallery, in milliseconds. */
export interface Clocks {
  /** The time since 1970. */
  readonly utcMs: () => number;
  /** A monotonic time. */
  readonly nowMs: () => number;
}

interface Kept<T> {
  readonly value: T;
  readonly untilMs: number;
}

/** Finds the folders of days in a store. */
export class DayFolders {
  #timedDay?: string;
  /** The newest day of the last search; absent while one request returns all folders. */
  #searched?: Kept<string | undefined>;
  readonly #past = new Map<string, Kept<string[] | undefined>>();

  constructor(private readonly store: PictureStore, private readonly clocks: Clocks) {}

  /** The folders of days; undefined when there are none. */
  async find({ signal }: { signal: AbortSignal }): Promise<Days | undefined> {
    const isCrowded = this.#isFresh(this.#searched);
    const names = isCrowded ? undefined : await this.store.fewNames({ signal });
    if (names) {
      this.#searched = undefined;
      const days = names.filter(isDay);
      return days.length > 0 ? inOneGroup(days, { isAlone: days.length === names.length }) : undefined;
    }
    const days = this.#searchable();
    if (!isCrowded) {
      const [newest] = (await days.groups({ before: days.range[1], signal }).next()).value ?? [];
      this.#searched = this.#keep(newest);
    }
    const newest = this.#searched!.value;
    return newest === undefined ? undefined : { ...days, isAlone: false, newest };
  }

  /** Whether the keys in a folder contain the time. A `known` key with a time saves the request for the first key. */
  async isTimed(
    day: string,
    { known = "", signal }: { known?: string; signal: AbortSignal },
  ): Promise<boolean> {
    if (day === this.#timedDay) return true;
    if (!known.startsWith(day) || timeInKey(known) === undefined) {
      for await (const { key } of this.store.list({ prefix: day, signal })) {
        if (timeInKey(key) === undefined) return false;
        break;
      }
    }
    this.#timedDay = day;
    return true;
  }

  /** The days of a store with too many other objects: each is a separate group. */
  #searchable() {
    // Tomorrow is included, since the clock of a board may be ahead.
    const lastDay = dayAt(this.clocks.utcMs() + DAY_MS);
    const range = [`${FIRST_YEAR}-`, endOf(`${lastDay}/`)] as const;
    const groups = (options: { before: string; signal: AbortSignal }) =>
      this.#search({ ...options, lastDay });
    return { range, groups };
  }

  async *#search(
    { before, lastDay, signal }: { before: string; lastDay: string; signal: AbortSignal },
  ): AsyncGenerator<readonly string[]> {
    let singleDays = 0;
    const years = descending(Number(lastDay.slice(0, 4)), FIRST_YEAR).map((year) => `${year}-`);
    const open = years.reverse();
    for (let prefix = open.pop(); prefix !== undefined; prefix = open.pop()) {
      if (prefix > lastDay || prefix >= before) continue;
      const isSingleDay = prefix.length === DAY_LENGTH;
      if (isSingleDay && (singleDays++ >= MAX_SINGLE_DAYS || !isDay(`${prefix}/`))) continue;
      const days = await this.#daysAt(prefix, { signal });
      if (days) { for (const day of days.toReversed()) if (day < before) yield [day]; }
      else open.push(...partsOf(prefix).reverse());
    }
  }

  /** The folders of days with this prefix; undefined when there are too many other objects. Results of the past are kept. */
  async #daysAt(prefix: string, { signal }: { signal: AbortSignal }): Promise<string[] | undefined> {
    const isPast = `${prefix}~` < dayAt(this.clocks.utcMs() - DAY_MS);
    const kept = this.#past.get(prefix);
    if (isPast && this.#isFresh(kept)) return kept!.value;
    const days = prefix.length === DAY_LENGTH
      ? await this.#exists(`${prefix}/`, { signal }) ? [`${prefix}/`] : []
      : (await this.store.fewNames({ prefix, signal }))?.filter(isDay);
    if (isPast && this.#past.size >= MAX_KEPT) this.#past.clear();
    if (isPast) this.#past.set(prefix, this.#keep(days));
    return days;
  }

  async #exists(day: string, { signal }: { signal: AbortSignal }): Promise<boolean> {
    for await (const _ of this.store.list({ prefix: day, signal })) return true;
    return false;
  }

  #keep<T>(value: T): Kept<T> {
    return { value, untilMs: this.clocks.nowMs() + FRESH_MS };
  }

  #isFresh(kept: Kept<unknown> | undefined): boolean {
    return kept !== undefined && this.clocks.nowMs() < kept.untilMs;
  }
}

/** The months of `2026-` or the days of `2026-01-`, newest first. */
function partsOf(prefix: string): string[] {
  const isMonth = prefix.length === MONTH_LENGTH;
  return descending(isMonth ? 31 : 12, 1).map((number) =>
    `${prefix}${String(number).padStart(2, "0")}${isMonth ? "" : "-"}`
  );
}

/** Sorts after every key of the day and before those of the next day: `0` follows `/`. */
export function endOf(day: string): string {
  return `${day.slice(0, -1)}0`;
}

export function startMs(day: string): number {
  return Date.parse(day.slice(0, -1));
}

/** Whether a key lies in the folder of a day that exists in the calendar. */
export function isInDay(key: string): boolean {
  return isDay(folderOf(key));
}

/** The folder of a key that lies in one of a day. */
export function folderOf(key: string): string {
  return key.slice(0, DAY_LENGTH + 1);
}

/** `2026-01-31` */
function dayAt(ms: number): string {
  return keyAt(ms).slice(0, DAY_LENGTH);
}

/** Accepts `2026-01-31/`, but not `2026-02-31/`. */
function isDay(folder: string): boolean {
  return DAY_FOLDER.test(folder) && startMs(folder) >= 0 && `${dayAt(startMs(folder))}/` === folder;
}

function inOneGroup(days: readonly string[], { isAlone }: { isAlone: boolean }): Days {
  const newest = days.at(-1)!;
  return {
    newest,
    isAlone,
    range: [days[0], endOf(newest)],
    async *groups() {
      yield days;
    },
  };
}

function descending(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, from - to + 1) }, (_, index) => from - index);
}
