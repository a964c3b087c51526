/**
 * The folders of days (`2026-01-31/`) in a store, newest first. One request tells them all, unless foreign objects lie
 * beside them by the thousand: then they are looked for year by year, by month and by day as far as needed.
 */
import type { PictureStore } from "./picture_store.ts";
import { keyAt, timeInKey } from "./shown_face.ts";

export const DAY_MS = 24 * 3_600_000;
const DAY_FOLDER = /^\d{4}-\d\d-\d\d\/$/;
/** Where days are looked for one by one, none is older than this software. */
const FIRST_YEAR = 2024;
/** More days than these are not looked for one by one. */
const MAX_SINGLE_DAYS = 366;
/** What was found so is good for so long, in so many years, months and days. */
const SEARCH_FRESH_MS = 60_000;
const MAX_PAST = 1_000;

/** Days of one store. */
export interface Days {
  /** Between the first and the last of these lies nothing but days and a few other objects; newest groups first. */
  groups(options: { before: string; signal: AbortSignal }): AsyncIterable<readonly string[]>;
  /** All keys of days sort after the first and before the second. */
  readonly range: readonly [from: string, to: string];
  /** Whether the store holds no folders and no objects beside these days. */
  readonly isAlone: boolean;
  readonly newest: string;
}

/** Finds the days of a store. */
export class DayFolders {
  #timedDay?: string;
  /** The newest day that the last search found, if any. */
  #searched?: { readonly newest: string | undefined; readonly untilMs: number };
  readonly #past = new Map<string, { readonly days: string[] | undefined; readonly untilMs: number }>();

  constructor(private readonly store: PictureStore, private readonly now: () => number) {}

  async find({ signal }: { signal: AbortSignal }): Promise<Days | undefined> {
    const isCrowded = this.#searched !== undefined && performance.now() < this.#searched.untilMs;
    const names = isCrowded ? undefined : await this.store.fewNames({ signal });
    if (names) {
      this.#searched = undefined;
      const days = names.filter(isDay);
      return days.length > 0 ? inOneGroup(days, { isAlone: days.length === names.length }) : undefined;
    }
    const days = this.#scattered();
    if (!isCrowded) {
      const [newest] = (await days.groups({ before: days.range[1], signal }).next()).value ?? [];
      this.#searched = { newest, untilMs: performance.now() + SEARCH_FRESH_MS };
    }
    const { newest } = this.#searched!;
    return newest === undefined ? undefined : { ...days, isAlone: false, newest };
  }

  /** Whether the keys of a day tell the time. The key `known`, if it does, saves the request for the first key. */
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

  /** Days among so much else that each is a group of its own. */
  #scattered() {
    // A board's clock may be ahead.
    const lastDay = keyAt(this.now() + DAY_MS).slice(0, "2026-01-31".length);
    const range = [`${FIRST_YEAR}-`, endOf(`${lastDay}/`)] as const;
    const groups = (options: { before: string; signal: AbortSignal }) =>
      this.#search({ ...options, lastDay });
    return { range, groups };
  }

  async *#search(
    { before, lastDay, signal }: { before: string; lastDay: string; signal: AbortSignal },
  ): AsyncGenerator<readonly string[]> {
    let single = 0;
    const years = down(Number(lastDay.slice(0, 4)), FIRST_YEAR).map((year) => `${year}-`);
    const open = [...years].reverse();
    for (let prefix = open.pop(); prefix !== undefined; prefix = open.pop()) {
      if (prefix > lastDay || prefix >= before) continue;
      const isSingle = prefix.length === lastDay.length;
      if (isSingle && (single++ >= MAX_SINGLE_DAYS || !isDay(`${prefix}/`))) continue;
      const days = await this.#daysAt(prefix, { signal });
      if (days) { for (const day of days.toReversed()) if (day < before) yield [day]; }
      else open.push(...parts(prefix).reverse());
    }
  }

  /** The days whose folders begin so; nothing when there is too much else. What is past hardly changes any more. */
  async #daysAt(prefix: string, { signal }: { signal: AbortSignal }): Promise<string[] | undefined> {
    const isPast = `${prefix}~` < keyAt(this.now() - DAY_MS).slice(0, "2026-01-31".length);
    const kept = this.#past.get(prefix);
    if (isPast && kept && performance.now() < kept.untilMs) return kept.days;
    const days = prefix.length === "2026-01-31".length
      ? await this.#isThere(`${prefix}/`, { signal }) ? [`${prefix}/`] : []
      : (await this.store.fewNames({ prefix, signal }))?.filter(isDay);
    if (isPast && this.#past.size >= MAX_PAST) this.#past.clear();
    if (isPast) this.#past.set(prefix, { days, untilMs: performance.now() + SEARCH_FRESH_MS });
    return days;
  }

  async #isThere(day: string, { signal }: { signal: AbortSignal }): Promise<boolean> {
    for await (const _ of this.store.list({ prefix: day, signal })) return true;
    return false;
  }
}

/** The months of `2026-`, or the days of `2026-01-`, newest first. */
function parts(prefix: string): string[] {
  const isYear = prefix.length === "2026-".length;
  return down(isYear ? 12 : 31, 1).map((number) =>
    `${prefix}${String(number).padStart(2, "0")}${isYear ? "-" : ""}`
  );
}

/** Sorts after every key of the day, and before those of the next: `0` follows `/`. */
export function endOf(day: string): string {
  return `${day.slice(0, -1)}0`;
}

export function startMs(day: string): number {
  return Date.parse(day.slice(0, -1));
}

/** Whether a key lies in the folder of a day that there was. */
export function isInDay(key: string): boolean {
  return isDay(key.slice(0, "2026-01-31/".length));
}

/** `2026-01-31/`, but not `2026-02-31/`. */
function isDay(folder: string): boolean {
  return DAY_FOLDER.test(folder) && startMs(folder) >= 0 && keyAt(startMs(folder)).startsWith(folder);
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

function down(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, from - to + 1) }, (_, index) => from - index);
}
