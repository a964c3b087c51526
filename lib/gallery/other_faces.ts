/**
 * Faces whose keys do not begin with the day, such as the homework's `HW3/12-31-2026-23-59-59_image.png`. Their keys
 * tell no order, so all of them are listed and sorted by when they were written, as seldom as that allows, and nobody
 * waits long for it: there may be 200,000 files of others beside the faces.
 */
import { atMost } from "../async/delay.ts";
import type { Days } from "./day_folders.ts";
import type { PictureStore } from "./picture_store.ts";
import { newestFirst, type Place, placeOf } from "./shown_face.ts";

/** Beside dated faces, where other ones are the exception, they are looked for so seldom. */
const BESIDE_DATED_MS = 60_000;
/** At most this part of the time is spent with listing. */
const LISTING_SHARE = 0.1;
/** Only so many are kept in memory, the newest ones. */
const MAX_FACES = 100_000;
/** No more objects than these are looked at: 250 requests to S3. */
const MAX_OBJECTS = 250_000;
const OBJECTS_A_REQUEST = 1_000;
/** What a page waits for a listing, beside dated faces and where there are no others. */
const PATIENCE_MS = { besideDated: 300, alone: 5_000 };

interface Listing {
  readonly faces: readonly Place[];
  /** Until then it is new enough. */
  readonly untilMs: number;
  /** Whether there were dated faces as well. */
  readonly besideDated: boolean;
}

/** What {@link OtherFaces} is told. */
export interface OtherOptions {
  /** So old a listing may be. */
  readonly freshMs: number;
  /** Told once when there are more objects than are looked at. */
  readonly onTooMany?: (max: number) => void;
  readonly patienceMs?: typeof PATIENCE_MS;
}

/** The part of a store that is not dated. */
export class OtherFaces {
  #listing?: Listing;
  #underWay?: Promise<void>;
  #toldTooMany = false;
  readonly #pauses = new Set<Promise<void>>();
  /** What the listing under way has found so far. */
  #found = new NewestOf(MAX_FACES);

  constructor(private readonly store: PictureStore, private readonly options: OtherOptions) {}

  /**
   * All faces outside `days`, newest first: those of the last listing, or what the first one has found until patience
   * ends. Who asks at the same time shares one listing, which goes on when nobody waits for it any more.
   */
  async newestFirst(
    days: Days | undefined,
    { signal }: { signal: AbortSignal },
  ): Promise<readonly Place[]> {
    if (days?.isAlone) return [];
    const besideDated = days !== undefined;
    const isFresh = () =>
      this.#listing?.besideDated === besideDated && performance.now() < this.#listing.untilMs;
    if (isFresh()) return this.#listing!.faces;
    this.#underWay ??= this.#list(days, { signal }).finally(() => this.#underWay = undefined);
    const { besideDated: shortMs, alone: longMs } = this.options.patienceMs ?? PATIENCE_MS;
    let failure: { error: unknown } | undefined;
    await atMost(besideDated ? shortMs : longMs, this.#underWay.catch((error) => failure = { error }));
    if (failure) throw failure.error;
    return this.#listing?.besideDated === besideDated ? this.#listing.faces : this.#found.sorted();
  }

  /** A listing under way asks no more of the store until the function that is returned is called. */
  pause(): () => void {
    const pause = Promise.withResolvers<void>();
    this.#pauses.add(pause.promise);
    return () => {
      this.#pauses.delete(pause.promise);
      pause.resolve();
    };
  }

  async #list(days: Days | undefined, { signal }: { signal: AbortSignal }): Promise<void> {
    const beganMs = performance.now();
    const found = this.#found = new NewestOf(MAX_FACES);
    let objects = 0;
    for await (const object of this.#outside(days, { signal })) {
      found.add(placeOf(object));
      if (++objects % OBJECTS_A_REQUEST === 0) await Promise.all(this.#pauses);
      if (objects < MAX_OBJECTS) continue;
      if (!this.#toldTooMany) this.options.onTooMany?.(MAX_OBJECTS);
      this.#toldTooMany = true;
      break;
    }
    const besideDated = days !== undefined;
    const tookMs = performance.now() - beganMs;
    const freshMs = Math.max(besideDated ? BESIDE_DATED_MS : this.options.freshMs, tookMs / LISTING_SHARE);
    this.#listing = { faces: found.sorted(), untilMs: beganMs + freshMs, besideDated };
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

/** Keeps the newest `max` of any number of faces. */
class NewestOf {
  #faces: Place[] = [];

  constructor(private readonly max: number) {}

  add(face: Place | undefined): void {
    if (!face) return;
    this.#faces.push(face);
    if (this.#faces.length >= 2 * this.max) this.#faces = this.sorted();
  }

  sorted(): Place[] {
    return this.#faces.toSorted(newestFirst).slice(0, this.max);
  }
}
