/**
 * Faces whose keys begin with their day and time, as the saver's default keys do. Such keys sort by time, so a
 * stretch of time is a stretch of keys, and only that is listed, however much the store holds.
 */
import type { PictureStore } from "./picture_store.ts";
import { keyAt, newestFirst, type Place, type ShownFace, shownFace, timeInKey } from "./shown_face.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** The first stretch that is listed for a page, however crowded; the next is four times as long, and so on. */
const FIRST_SPAN_MS = HOUR_MS;
const MAX_SPAN_MS = 365 * DAY_MS;
/** A longer stretch that holds more is halved instead. One answer of S3 holds a thousand. */
const MAX_SPAN_FACES = 999;
/** So far behind the newest face another may still come, from a camera whose link is slow. */
const LOOK_BACK_MS = HOUR_MS;
const MAX_RECENT = 10_000;

const DAY_FOLDER = /^\d{4}-\d\d-\d\d\/$/;
const AFTER_ALL_DAYS = "9999-99";

/** The dated part of a store. */
export class DatedFaces {
  #timedDay?: string;
  #newestMs?: number;

  constructor(private readonly store: PictureStore, private readonly now: () => number = Date.now) {}

  /** The folders of days, ascending; none when the newest one shows that keys go on without the time. */
  async days({ signal }: { signal: AbortSignal }): Promise<string[]> {
    const days = (await this.store.folders({ signal })).filter(isDay);
    const newest = days.at(-1);
    if (newest === undefined || newest === this.#timedDay) return days;
    for await (const { key } of this.store.list({ prefix: newest, signal })) {
      if (timeInKey(key) === undefined) return [];
      this.#timedDay = newest;
      break;
    }
    return days;
  }

  /** The faces of `days` that are older than `before`, newest first; it lists as far as it is read. */
  async *newestFirst(
    days: readonly string[],
    { before, signal }: { before?: Place; signal: AbortSignal },
  ): AsyncGenerator<ShownFace> {
    let to = upperBound(before);
    let spanMs = FIRST_SPAN_MS;
    let crowdedMs = -Infinity;
    for (;;) {
      const day = days.findLast((day) => day < to);
      if (day === undefined) return;
      if (to > endOf(day)) to = endOf(day);
      const toMs = timeInKey(to) ?? startMs(day) + DAY_MS;
      const fromMs = this.#stretchStart(toMs, spanMs, crowdedMs);
      const from = fromMs <= startMs(days[0]) ? days[0] : keyAt(fromMs);
      const max = toMs - fromMs > FIRST_SPAN_MS ? MAX_SPAN_FACES : Infinity;
      const faces = await this.#between(from, to, { max, signal });
      if (faces.length > max) {
        crowdedMs = fromMs;
        continue;
      }
      yield* faces.filter((face) => isOlder(face, before)).sort(newestFirst);
      to = from;
      spanMs = Math.min(MAX_SPAN_MS, spanMs * 4);
    }
  }

  /** Where the stretch that ends at `toMs` begins: half-way at most to where one was too crowded. */
  #stretchStart(toMs: number, spanMs: number, crowdedMs: number): number {
    // What is left of today is empty, as a rule.
    const futureMs = Math.min(DAY_MS, Math.max(0, toMs - this.now()));
    const half = crowdedMs < toMs ? (toMs + crowdedMs) / 2 : -Infinity;
    return Math.floor(Math.min(toMs - FIRST_SPAN_MS, Math.max(half, toMs - futureMs - spanMs)));
  }

  /** The faces of the last hour, or of the hour before the newest one: one request to S3, as a rule. */
  async recent(days: readonly string[], { signal }: { signal: AbortSignal }): Promise<ShownFace[]> {
    if (days.length === 0) return [];
    this.#newestMs ??= (await this.newestFirst(days, { signal }).next()).value?.ms;
    // A camera whose clock is ahead must not hide what the others send.
    const from = keyAt(Math.min(this.now(), this.#newestMs ?? 0) - LOOK_BACK_MS);
    const faces = await this.#between(from, AFTER_ALL_DAYS, { max: Infinity, signal });
    for (const { ms } of faces) this.#newestMs = Math.max(ms, this.#newestMs ?? 0);
    return faces.slice(-MAX_RECENT);
  }

  /** The faces whose keys sort after `from` and not after `to`, ascending; a little more than `max` at most. */
  async #between(
    from: string,
    to: string,
    { max, signal }: { max: number; signal: AbortSignal },
  ): Promise<ShownFace[]> {
    const faces: ShownFace[] = [];
    for await (const object of this.store.list({ after: from, signal })) {
      if (object.key > to) break;
      const face = isInDay(object.key) ? shownFace(object) : undefined;
      if (face) faces.push(face);
      if (faces.length > max) break;
    }
    return faces;
  }
}

/** Sorts after every key of the day, and before those of the next: `0` follows `/`. */
export function endOf(day: string): string {
  return `${day.slice(0, -1)}0`;
}

function startMs(day: string): number {
  return Date.parse(day.slice(0, -1));
}

/** `2026-01-31/`, but not `2026-02-31/`: a folder of a day that there was. */
function isDay(folder: string): boolean {
  return DAY_FOLDER.test(folder) && startMs(folder) >= 0 && keyAt(startMs(folder)).startsWith(folder);
}

function isInDay(key: string): boolean {
  return isDay(key.slice(0, "2026-01-31/".length));
}

/** Sorts after every key that may be older than `before`. */
function upperBound(before: Place | undefined): string {
  if (before === undefined) return AFTER_ALL_DAYS;
  return isInDay(before.key) ? before.key : keyAt(before.ms + 1);
}

function isOlder(face: ShownFace, before: Place | undefined): boolean {
  if (before === undefined) return true;
  return isInDay(before.key) ? face.key < before.key : newestFirst(before, face) < 0;
}
