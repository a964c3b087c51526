/** The days of a viewer that have faces, newest first. */
import { AFTER_ALL_DAYS, DAY_MS, startMs } from "./day_folders.ts";
import type { FaceIndex } from "./face_index.ts";
import type { Range } from "./utc_days.ts";
import { dayIn } from "./zone_days.ts";

/** Days that are counted at once. */
const AT_ONCE = 8;
/** After this number of days that were counted for one answer it ends with the first day that has faces. */
const MAX_COUNTED = 400;
/** Counts of days that are over are kept for this long. */
const FRESH_MS = 60_000;
const MAX_KEPT = 1_000;

/** A day with faces. */
export interface ListedDay extends Range {
  /** Null where the day has about a thousand faces or more, and was not opened yet. */
  readonly faces: number | null;
}

/** Which days. */
export interface DayListQuery {
  /** Days that begin earlier than this. */
  readonly before: number;
  readonly limit: number;
  /** The IANA name of the viewer's time zone. */
  readonly zone: string;
  readonly signal: AbortSignal;
}

/** Lists days. */
export class DayList {
  readonly #kept = new Map<string, { readonly count: Promise<number | null>; readonly untilMs: number }>();

  constructor(
    private readonly index: FaceIndex,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  /** Throws a RangeError for an unknown zone, any other error when the store does not answer. */
  async days(query: DayListQuery): Promise<{ days: ListedDay[]; more: boolean }> {
    dayIn(query.zone, 0); // Throws for an unknown zone, also when there are no days.
    const found: ListedDay[] = [];
    let counted = 0;
    let isCut = false;
    await this.index.refreshUndated();
    for await (const days of inParts(merged(this.#datedDays(query), this.#undatedDays(query)), AT_ONCE)) {
      const counts = await Promise.all(days.map((day) => this.#count(day)));
      days.forEach((day, at) => counts[at] !== 0 && found.push({ ...day, faces: counts[at] }));
      counted += days.length;
      isCut = found.length > query.limit || (counted >= MAX_COUNTED && found.length > 0);
      if (isCut) break;
    }
    return { days: found.slice(0, query.limit), more: isCut };
  }

  #count(day: Range): Promise<number | null> {
    const name = `${day.from}-${day.to}`;
    const kept = this.#kept.get(name);
    if (kept && this.nowMs() < kept.untilMs) return kept.count;
    const count = this.index.count(day);
    if (this.#kept.size >= MAX_KEPT) this.#kept.clear();
    this.#kept.set(name, { count, untilMs: this.nowMs() + FRESH_MS });
    count.catch(() => this.#kept.delete(name));
    return count;
  }

  /** The viewer's days that overlap a UTC day with a folder. */
  async *#datedDays({ before, zone, signal }: DayListQuery): AsyncGenerator<Range> {
    const days = await this.index.findDays();
    let lastMs = before;
    for await (const group of days?.groups({ before: AFTER_ALL_DAYS, signal }) ?? []) {
      for (const folder of group.toReversed()) {
        for (const ms of [startMs(folder) + DAY_MS - 1, startMs(folder)]) {
          const day = dayIn(zone, ms);
          if (day.from >= lastMs) continue;
          lastMs = day.from;
          yield day;
        }
      }
    }
  }

  /** The viewer's days with undated faces. */
  *#undatedDays({ before, zone }: DayListQuery): Generator<Range> {
    let lastMs = before;
    for (const { ms } of this.index.undated.set.newestFirst()) {
      if (ms >= lastMs) continue;
      const day = dayIn(zone, ms);
      if (day.from >= before) continue;
      lastMs = day.from;
      yield day;
    }
  }
}

/** Both sequences in one, newest first, each day once. */
async function* merged(a: AsyncGenerator<Range>, b: Generator<Range>): AsyncGenerator<Range> {
  let [first, second] = [await a.next(), b.next()];
  while (!first.done || !second.done) {
    const [one, two] = [
      first.done ? -Infinity : first.value.from,
      second.done ? -Infinity : second.value.from,
    ];
    yield (one >= two ? first.value : second.value)!;
    if (one >= two) first = await a.next();
    if (two >= one) second = b.next();
  }
}

/** The items in parts of `size`. */
async function* inParts<T>(items: AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
  let part: T[] = [];
  for await (const item of items) {
    if (part.push(item) < size) continue;
    yield part;
    part = [];
  }
  if (part.length > 0) yield part;
}
