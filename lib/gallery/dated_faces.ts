/**
 * Faces whose keys begin with their day and time, as the saver's default keys do. Such keys sort by time, so a
 * stretch of time is a stretch of keys, and only that is listed, however much the store holds.
 */
import { DAY_MS, DayFolders, type Days, endOf, isInDay, startMs } from "./day_folders.ts";
import type { PictureStore } from "./picture_store.ts";
import { keyAt, newestFirst, type Place, placeOf, timeInKey } from "./shown_face.ts";
import { Span } from "./span.ts";

const HOUR_MS = 3_600_000;
/** A stretch that holds more is made shorter instead. One answer of S3 holds a thousand. */
const MAX_FACES = 999;
/** So are stretches with more objects, which are foreign. One of a millisecond cannot be: what is beyond is not seen. */
const MAX_OBJECTS = 20_000;
/** After so many objects that were looked at in vain stretches are no longer made shorter. */
const MAX_IN_VAIN = 100_000;
/** So far behind the newest face another may still come, from a camera whose link is slow. */
const LOOK_BACK_MS = HOUR_MS;
/** With more in that time it is looked back less far: to so many. */
const MAX_RECENT = 2_000;
const CROWDED_RECENT = 500;

const AFTER_ALL_DAYS = "9999-99";

/** What was found in a stretch of keys. */
interface Stretch {
  readonly faces: readonly Place[];
  readonly objects: number;
  /** Where the listing broke off, when there was more than was asked for; NaN at a key that tells no time. */
  readonly brokeOffMs?: number;
}

/** The dated part of a store. */
export class DatedFaces {
  readonly #folders: DayFolders;
  /** Whether this gallery has looked before if keys tell the time. */
  #hasLooked = false;
  #newestMs?: number;
  /** Where `recent` begins at the earliest. It only moves on: what is older than that is not new. */
  #recentFromMs = -Infinity;

  constructor(private readonly store: PictureStore, private readonly now: () => number = Date.now) {
    this.#folders = new DayFolders(store, now);
  }

  /** The days of the store; nothing when there are none, or when the keys of the newest one do not tell the time. */
  async days({ signal }: { signal: AbortSignal }): Promise<Days | undefined> {
    const days = await this.#folders.find({ signal });
    this.#hasLooked ||= days !== undefined;
    return days && await this.#folders.isTimed(days.newest, { signal }) ? days : undefined;
  }

  /** These days and their faces older than `before`, newest first; faces are listed as far as they are read. */
  async open(
    { before, signal }: { before?: Place; signal: AbortSignal },
  ): Promise<{ days: Days; faces: AsyncIterable<Place> } | undefined> {
    if (this.#hasLooked || before !== undefined) {
      const days = await this.days({ signal });
      return days && { days, faces: this.#newestFirst(days, { before, signal }) };
    }
    // The first page takes the longest. Its faces tell the time as well, which saves a request.
    const days = await this.#folders.find({ signal });
    if (!days) return undefined;
    this.#hasLooked = true;
    const faces = this.#newestFirst(days, { signal });
    const first = await faces.next();
    const isTimed = await this.#folders.isTimed(days.newest, { signal });
    return isTimed ? { days, faces: resumed(first, faces) } : undefined;
  }

  async *#newestFirst(
    days: Days,
    { before, signal }: { before?: Place; signal: AbortSignal },
  ): AsyncGenerator<Place> {
    const to = upperBound(before);
    for await (const group of days.groups({ before: to, signal })) {
      for await (const face of this.#ofGroup(group, to, { newest: days.newest, signal })) {
        if (isOlder(face, before)) yield face;
      }
    }
  }

  async *#ofGroup(
    days: readonly string[],
    upTo: string,
    { newest, signal }: { newest: string; signal: AbortSignal },
  ): AsyncGenerator<Place> {
    let to = upTo;
    const span = new Span();
    let inVain = 0;
    for (;;) {
      const day = days.findLast((day) => day < to);
      if (day === undefined) return;
      if (to > endOf(day)) to = endOf(day);
      const toMs = timeInKey(to) ?? startMs(day) + DAY_MS;
      // What is left of today is empty, as a rule.
      const futureMs = Math.min(DAY_MS, Math.max(0, toMs - this.now()));
      const fromMs = toMs - span.before(toMs, { futureMs });
      const from = fromMs <= startMs(days[0]) ? days[0] : keyAt(fromMs);
      const isShortest = toMs - fromMs <= 1 || inVain > MAX_IN_VAIN;
      const maxFaces = isShortest ? MAX_OBJECTS : MAX_FACES;
      const { faces, objects, brokeOffMs } = await this.#between(from, to, { maxFaces, signal });
      // Keys that do not tell the time cannot be searched by it.
      if (!await this.#folders.isTimed(newest, { known: faces.at(-1)?.key, signal })) return;
      if (brokeOffMs !== undefined && !isShortest) {
        inVain += objects;
        span.wasCrowded({ fromMs: Math.max(fromMs, startMs(days[0])), brokeOffMs, toMs });
        continue;
      }
      yield* faces.toSorted(newestFirst);
      to = from;
      span.held(faces.length);
    }
  }

  /** The faces of the last hour, or of the hour before the newest one: one request to S3, as a rule. */
  async recent(days: Days, { signal }: { signal: AbortSignal }): Promise<Place[]> {
    this.#newestMs ??= (await this.#newestFirst(days, { signal }).next()).value?.ms;
    // A camera whose clock is ahead must not hide what the others send.
    const hourMs = Math.min(this.now(), this.#newestMs ?? 0) - LOOK_BACK_MS;
    this.#recentFromMs = Math.max(this.#recentFromMs, hourMs);
    const from = keyAt(this.#recentFromMs);
    const { faces, brokeOffMs } = await this.#between(from, days.range[1], {
      maxFaces: MAX_RECENT,
      maxObjects: MAX_RECENT,
      signal,
    });
    const recent = brokeOffMs === undefined ? [...faces] : await this.#newest(days, { hourMs, signal });
    for (const { ms } of recent) this.#newestMs = Math.max(ms, this.#newestMs ?? 0);
    return recent;
  }

  /** The newest faces, where so many come that an hour of them is too much to look at again and again. */
  async #newest(
    days: Days,
    { hourMs, signal }: { hourMs: number; signal: AbortSignal },
  ): Promise<Place[]> {
    const newest: Place[] = [];
    for await (const face of this.#newestFirst(days, { signal })) {
      newest.push(face);
      if (newest.length >= CROWDED_RECENT || face.ms < hourMs) break;
    }
    const oldestMs = newest.at(-1)?.ms ?? -Infinity;
    this.#recentFromMs = Math.max(this.#recentFromMs, Math.min(oldestMs, this.now()));
    return newest;
  }

  /** The faces whose keys sort after `from` and not after `to`, ascending; it breaks off after so many. */
  async #between(
    from: string,
    to: string,
    { maxFaces, maxObjects = MAX_OBJECTS, signal }: {
      maxFaces: number;
      maxObjects?: number;
      signal: AbortSignal;
    },
  ): Promise<Stretch> {
    const faces: Place[] = [];
    let objects = 0;
    for await (const object of this.store.list({ after: from, signal })) {
      if (object.key > to) break;
      if (faces.length >= maxFaces || ++objects > maxObjects) {
        return { faces, objects, brokeOffMs: timeInKey(object.key) ?? NaN };
      }
      const face = isInDay(object.key) ? placeOf(object) : undefined;
      if (face) faces.push(face);
    }
    return { faces, objects };
  }
}

/** `first` and what comes after it. */
async function* resumed<T>(first: IteratorResult<T>, rest: AsyncIterable<T>): AsyncGenerator<T> {
  if (first.done) return;
  yield first.value;
  yield* rest;
}

/** Sorts after every key that may be older than `before`. */
function upperBound(before: Place | undefined): string {
  if (before === undefined) return AFTER_ALL_DAYS;
  return isInDay(before.key) ? before.key : keyAt(before.ms + 1);
}

function isOlder(face: Place, before: Place | undefined): boolean {
  if (before === undefined) return true;
  return isInDay(before.key) ? face.key < before.key : newestFirst(before, face) < 0;
}
