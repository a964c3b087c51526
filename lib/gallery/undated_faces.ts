/**
 * Faces without a date in their key, such as `HW3/12-31-2026-23-59-59_image.png`. Their keys do not sort by time, so that
 * all objects are listed and sorted by the time of their upload. A listing may read 250,000 objects: it is rare, and a page
 * waits for it only for a limited time.
 */
import type { delay } from "../async/delay.ts";
import type { Days } from "./day_folders.ts";
import { isSameObject } from "./face_set.ts";
import type { PictureStore } from "./picture_store.ts";
import { type ListedFace, listedFace, newestFirst } from "./shown_face.ts";

/** In a store with dated faces, undated ones are rare and are listed at this interval. */
const FRESH_WITH_DATED_MS = 60_000;
/** Maximum share of the time that is spent on listing. */
const MAX_LISTING_SHARE = 0.1;
/** Maximum number of faces in memory; the older ones are not shown. */
const MAX_FACES = 100_000;
/** Maximum number of objects in a listing: 250 requests to S3. Faces beyond it are not shown. */
const MAX_OBJECTS = 250_000;
const OBJECTS_PER_REQUEST = 1_000;
/** A page waits for a listing for this long, with dated faces in the store and without. */
const WAIT_WITH_DATED_MS = 300;
const WAIT_MS = 5_000;

interface Listing {
  /** Absent once they were taken. */
  readonly faces?: readonly ListedFace[];
  /** The listing is fresh until this time. */
  readonly untilMs: number;
  /** Whether the store also had dated faces. */
  readonly withDated: boolean;
}

/** Undated faces. */
export interface UndatedListing {
  readonly faces: readonly ListedFace[];
  /** Whether the listing has reached the end of the store, or its limit. */
  readonly isWhole: boolean;
}

/** Options of {@link UndatedFaces}. */
export interface UndatedOptions {
  /** Maximum age of a listing in a store without dated faces. */
  readonly freshMs: number;
  /** The face of a key that an earlier listing has shown: of the same object it is kept instead of another copy. */
  readonly known?: (key: string) => ListedFace | undefined;
  /** Called once when the store has more than `max` objects, or faces, so that some are not shown. */
  readonly onTooMany?: (max: number) => void;
}

/** The clock of {@link UndatedFaces}. */
export interface UndatedClock {
  /** A monotonic time in milliseconds. */
  readonly nowMs: () => number;
  readonly delay: typeof delay;
}

/** The faces of a store that have no date in their key. */
export class UndatedFaces {
  #listing?: Listing;
  /** Whether the listing that was taken last had no faces. */
  #wasEmpty = false;
  #running?: Promise<void>;
  #hasReported = false;
  readonly #pauses = new Set<Promise<void>>();
  /** The faces that the running listing has found. */
  #found = new NewestOf(MAX_FACES);

  constructor(
    private readonly store: PictureStore,
    private readonly options: UndatedOptions,
    private readonly clock: UndatedClock,
  ) {}

  /**
   * All faces outside `days`, newest first, once for each listing; undefined while there is no new one. A caller that has
   * waited long enough gets what the first listing has found until then. The listing continues when no caller waits.
   */
  async next(
    days: Days | undefined,
    { signal }: { signal: AbortSignal },
  ): Promise<UndatedListing | undefined> {
    if (days?.isAlone) return this.#taken({ withDated: true, untilMs: -Infinity, faces: [] });
    const withDated = days !== undefined;
    const isFresh = this.#listing?.withDated === withDated && this.clock.nowMs() < this.#listing.untilMs;
    if (!isFresh) {
      this.#running ??= this.#list(days, { signal }).finally(() => this.#running = undefined);
      await this.#atMost(withDated ? WAIT_WITH_DATED_MS : WAIT_MS, this.#running);
    }
    if (this.#listing?.withDated === withDated) return this.#taken(this.#listing);
    return { faces: this.#found.sorted(), isWhole: false };
  }

  /** A listing that nobody had yet. Its faces are not kept, since they are many. */
  #taken(listing: Listing): UndatedListing | undefined {
    const { faces } = listing;
    const isEmptyAgain = faces?.length === 0 && this.#listing?.faces === undefined && this.#wasEmpty;
    this.#listing = { ...listing, faces: undefined };
    if (!faces || isEmptyAgain) return undefined;
    this.#wasEmpty = faces.length === 0;
    return { faces, isWhole: true };
  }

  /** Stops a running listing after its current request. It continues when the returned function is called. */
  pause(): () => void {
    const pause = Promise.withResolvers<void>();
    this.#pauses.add(pause.promise);
    return () => {
      this.#pauses.delete(pause.promise);
      pause.resolve();
    };
  }

  /** Waits for `work`. Throws when `work` fails before the limit; a later failure is ignored. */
  async #atMost(limitMs: number, work: Promise<void>): Promise<void> {
    const done = new AbortController();
    try {
      await Promise.race([work, this.clock.delay(limitMs, done)]);
    } finally {
      done.abort();
    }
  }

  async #list(days: Days | undefined, { signal }: { signal: AbortSignal }): Promise<void> {
    const startedMs = this.clock.nowMs();
    const found = this.#found = new NewestOf(MAX_FACES);
    let objects = 0;
    for await (const object of this.#outside(days, { signal })) {
      found.add(this.#knownOr(listedFace(object)));
      if (++objects % OBJECTS_PER_REQUEST === 0) await Promise.all(this.#pauses);
      if (objects < MAX_OBJECTS) continue;
      this.#reportTooMany(MAX_OBJECTS);
      break;
    }
    if (found.isFull) this.#reportTooMany(MAX_FACES);
    const withDated = days !== undefined;
    const tookMs = this.clock.nowMs() - startedMs;
    const maxAgeMs = withDated ? FRESH_WITH_DATED_MS : this.options.freshMs;
    const untilMs = startedMs + Math.max(maxAgeMs, tookMs / MAX_LISTING_SHARE);
    this.#listing = { faces: found.sorted(), untilMs, withDated };
    this.#found = new NewestOf(MAX_FACES);
  }

  #reportTooMany(max: number): void {
    if (!this.#hasReported) this.options.onTooMany?.(max);
    this.#hasReported = true;
  }

  #knownOr(listed: ListedFace | undefined): ListedFace | undefined {
    const known = listed && this.options.known?.(listed.key);
    return known && isSameObject(known, listed) ? known : listed;
  }

  async *#outside(days: Days | undefined, { signal }: { signal: AbortSignal }) {
    const [from, to] = days?.range ?? [];
    for await (const object of this.store.list({ signal })) {
      if (from !== undefined && object.key > from) break;
      yield object;
    }
    if (to !== undefined) yield* this.store.list({ after: to, signal });
  }
}

/** The newest `max` of any number of faces. */
class NewestOf {
  #faces: ListedFace[] = [];
  #count = 0;

  constructor(private readonly max: number) {}

  /** Whether some faces are not among the newest. */
  get isFull(): boolean {
    return this.#count > this.max;
  }

  add(face: ListedFace | undefined): void {
    if (!face) return;
    this.#count++;
    this.#faces.push(face);
    if (this.#faces.length >= 2 * this.max) this.#faces = this.sorted();
  }

  sorted(): ListedFace[] {
    return this.#faces.toSorted(newestFirst).slice(0, this.max);
  }
}
