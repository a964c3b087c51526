/**
 * Faces whose keys begin with their day and time, such as the saver's default keys. These keys sort by time, so that a
 * range of time is a range of keys. Only the requested range is listed, however many objects the store has.
 */
import {
  AFTER_ALL_DAYS,
  type Clocks,
  DAY_MS,
  DayFolders,
  type Days,
  endOf,
  isInDay,
  startMs,
} from "./day_folders.ts";
import type { PictureStore } from "./picture_store.ts";
import { RangeSizer } from "./range_sizer.ts";
import { keyAt, type ListedFace, listedFace, newestFirst, timeInKey } from "./shown_face.ts";

/** Beyond this number of faces a range is listed again, shorter. One response of S3 contains 1,000 keys. */
const MAX_FACES = 999;
/** The same for objects that are no faces. In a range of 1 ms, which cannot be shorter, objects beyond it are not shown. */
const MAX_OBJECTS = 20_000;
/** After this number of objects in ranges that were listed again, ranges are no longer made shorter. */
const MAX_WASTED = 100_000;
/** A face may be stored this long after newer faces, by a camera with a slow connection. */
const MAX_LATE_MS = 3_600_000;
/** With more faces than this in MAX_LATE_MS, only the newest CROWDED_RECENT are compared. */
const MAX_RECENT = 2_000;
const CROWDED_RECENT = 500;

const MINUTE_MS = 60_000;
/** Faces that are handed on together. */
const PART = 500;

/** The result of listing a range of keys. */
interface Listed {
  readonly faces: readonly ListedFace[];
  readonly objects: number;
  /** With more objects than the limit: the time of the first one beyond it; NaN when its key contains no time. */
  readonly endMs?: number;
}

/** The faces of a store that have a date in their key. */
export class DatedFaces {
  readonly #folders: DayFolders;
  #newestMs?: number;
  /** The start of the range of `recent`. It only moves forward: faces before it are known. */
  #recentFromMs = -Infinity;

  constructor(private readonly store: PictureStore, private readonly clocks: Clocks) {
    this.#folders = new DayFolders(store, clocks);
  }

  /** The folders of days; undefined when there are none. */
  async find({ signal }: { signal: AbortSignal }): Promise<Days | undefined> {
    return await this.#folders.find({ signal });
  }

  /** These folders; undefined when the keys of the newest one contain no time. */
  async timed(days: Days | undefined, { signal }: { signal: AbortSignal }): Promise<Days | undefined> {
    return days && await this.#folders.isTimed(days.newest, { signal }) ? days : undefined;
  }

  async *#newestFirst(days: Days, { signal }: { signal: AbortSignal }): AsyncGenerator<ListedFace> {
    for await (const group of days.groups({ before: AFTER_ALL_DAYS, signal })) {
      for await (const faces of this.#ofGroup(group, AFTER_ALL_DAYS, { newest: days.newest, signal })) {
        yield* faces;
      }
    }
  }

  /**
   * The faces of one day, such as `2026-01-31/`, newest first in parts; none when keys contain no time. A part is listed
   * when it is read.
   */
  ofDay(
    day: string,
    { newest, signal }: { newest: string; signal: AbortSignal },
  ): AsyncGenerator<readonly ListedFace[]> {
    return this.#ofGroup([day], endOf(day), { newest, signal });
  }

  /** The faces of one day in the order of their keys, with the fewest requests. */
  async *inOrder(day: string, { signal }: { signal: AbortSignal }): AsyncGenerator<readonly ListedFace[]> {
    let faces: ListedFace[] = [];
    for await (const object of this.store.list({ prefix: day, signal })) {
      const face = listedFace(object);
      if (!face || faces.push(face) < PART) continue;
      yield faces;
      faces = [];
    }
    yield faces;
  }

  async *#ofGroup(
    days: readonly string[],
    upTo: string,
    { newest, signal }: { newest: string; signal: AbortSignal },
  ): AsyncGenerator<readonly ListedFace[]> {
    let to = upTo;
    const sizer = new RangeSizer();
    let wasted = 0;
    let maySkipGap = true;
    for (;;) {
      const day = days.findLast((day) => day < to);
      if (day === undefined) return;
      if (to > endOf(day)) to = endOf(day);
      const toMs = timeInKey(to) ?? startMs(day) + DAY_MS;
      // The rest of today is usually empty.
      const futureMs = Math.min(DAY_MS, Math.max(0, toMs - this.clocks.utcMs()));
      const fromMs = toMs - sizer.next(toMs, { futureMs });
      const from = fromMs <= startMs(days[0]) ? days[0] : keyAt(fromMs);
      const isShortest = toMs - fromMs <= 1 || wasted > MAX_WASTED;
      const maxFaces = isShortest ? MAX_OBJECTS : MAX_FACES;
      const { faces, objects, endMs } = await this.#between(from, to, { maxFaces, signal });
      if (!await this.#folders.isTimed(newest, { known: faces.at(-1)?.key, signal })) return;
      if (endMs !== undefined && !isShortest) {
        wasted += objects;
        // The end of a gap before a dense part takes two requests, halving the way to it a dozen.
        const end = maySkipGap && sizer.isGap ? await this.#lastMinute(day, to, { signal }) : undefined;
        if (sizer.isGap) maySkipGap = false;
        if (end !== undefined && end > from) {
          to = end;
          sizer.gapSkipped({ fromMs: faces[0]?.ms ?? NaN, endMs, minMs: MINUTE_MS });
        } else sizer.dense({ fromMs: Math.max(fromMs, startMs(days[0])), endMs, toMs });
        continue;
      }
      yield faces.toSorted(newestFirst);
      to = from;
      sizer.listed(faces.length);
    }
  }

  /**
   * The end of the last minute of a day that has keys before `to`; undefined when the last key contains no time, or when
   * the server does not list by hours.
   */
  async #lastMinute(
    day: string,
    to: string,
    { signal }: { signal: AbortSignal },
  ): Promise<string | undefined> {
    let prefix = day; // "2026-01-31/", then "2026-01-31/17-", then "2026-01-31/17-59-"
    for (let level = 0; level < 2; level++) {
      const names = await this.store.fewNames({ prefix, delimiter: "-", signal })
        .catch(() => undefined); // If the store has failed, the next listing throws.
      const last = names?.findLast((name: string) => name < to);
      if (last === undefined || !/\/(\d\d-){1,2}$/.test(last)) return undefined;
      prefix = last;
    }
    const minuteMs = timeInKey(`${prefix}00`);
    if (minuteMs === undefined) return undefined;
    const end = keyAt(minuteMs + MINUTE_MS);
    return end < to ? end : to;
  }

  /** The number of faces in a range of time; undefined when it is more than MAX_FACES. */
  async count(
    { from, to }: { from: number; to: number },
    { signal }: { signal: AbortSignal },
  ): Promise<number | undefined> {
    const options = { maxFaces: MAX_FACES, maxObjects: MAX_OBJECTS, signal };
    const { faces, endMs } = await this.#between(keyAt(from), keyAt(to), options);
    return endMs === undefined ? faces.length : undefined;
  }

  /**
   * The faces of the last hour, or of the hour before the newest face: usually one request to S3. Those of later days
   * than `days` are among them, up to a time.
   */
  async recent(
    days: Days,
    { beforeMs = 0, signal }: { beforeMs?: number; signal: AbortSignal },
  ): Promise<ListedFace[]> {
    const end = keyAt(beforeMs);
    this.#newestMs ??= (await this.#newestFirst(days, { signal }).next()).value?.ms;
    // The faces of a camera whose clock is ahead must not hide those of other cameras.
    const hourMs = Math.min(this.clocks.utcMs(), this.#newestMs ?? 0) - MAX_LATE_MS;
    this.#recentFromMs = Math.max(this.#recentFromMs, hourMs);
    const from = keyAt(this.#recentFromMs);
    const { faces, endMs } = await this.#between(from, end > days.range[1] ? end : days.range[1], {
      maxFaces: MAX_RECENT,
      maxObjects: MAX_RECENT,
      signal,
    });
    const recent = endMs === undefined ? [...faces] : await this.#newest(days, { hourMs, signal });
    for (const { ms } of recent) this.#newestMs = Math.max(ms, this.#newestMs ?? 0);
    return recent;
  }

  /** The newest faces of a store with more than MAX_RECENT in the last hour. */
  async #newest(
    days: Days,
    { hourMs, signal }: { hourMs: number; signal: AbortSignal },
  ): Promise<ListedFace[]> {
    const newest: ListedFace[] = [];
    for await (const face of this.#newestFirst(days, { signal })) {
      newest.push(face);
      if (newest.length >= CROWDED_RECENT || face.ms < hourMs) break;
    }
    const oldestMs = newest.at(-1)?.ms ?? -Infinity;
    this.#recentFromMs = Math.max(this.#recentFromMs, Math.min(oldestMs, this.clocks.utcMs()));
    return newest;
  }

  /** Lists the keys after `from` up to and including `to`, in ascending order, up to the limits. */
  async #between(
    from: string,
    to: string,
    { maxFaces, maxObjects = MAX_OBJECTS, signal }: {
      maxFaces: number;
      maxObjects?: number;
      signal: AbortSignal;
    },
  ): Promise<Listed> {
    const faces: ListedFace[] = [];
    let objects = 0;
    for await (const object of this.store.list({ after: from, signal })) {
      if (object.key > to) break;
      if (faces.length >= maxFaces || ++objects > maxObjects) {
        return { faces, objects, endMs: timeInKey(object.key) ?? NaN };
      }
      const face = isInDay(object.key) ? listedFace(object) : undefined;
      if (face) faces.push(face);
    }
    return { faces, objects };
  }
}
