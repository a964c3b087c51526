/**
 * Faces whose keys do not begin with the day, such as the homework's `HW3/12-31-2026-23-59-59_image.png`. Their keys
 * tell no order, so all of them are listed and sorted by when they were written, as seldom as that allows.
 */
import { endOf } from "./dated_faces.ts";
import type { PictureStore } from "./picture_store.ts";
import { newestFirst, type ShownFace, shownFace } from "./shown_face.ts";

/** Beside dated faces, where other ones are the exception, they are looked for so seldom. */
const BESIDE_DATED_MS = 60_000;
/** At most this part of the time is spent with listing. */
const LISTING_SHARE = 0.1;
/** Only so many are kept in memory, the newest ones. */
const MAX_FACES = 100_000;

interface Listing {
  readonly faces: readonly ShownFace[];
  /** Until then it is new enough. */
  readonly untilMs: number;
  /** Whether there were dated faces as well. */
  readonly besideDated: boolean;
}

/** The part of a store that is not dated. */
export class OtherFaces {
  #listing?: Listing;
  #underWay?: Promise<Listing>;

  /** @param freshMs so old a listing may be. */
  constructor(private readonly store: PictureStore, private readonly freshMs: number) {}

  /** All faces outside the folders of `days`, newest first. Who asks at the same time shares one listing. */
  async newestFirst(
    days: readonly string[],
    { signal }: { signal: AbortSignal },
  ): Promise<readonly ShownFace[]> {
    const last = this.#listing;
    if (last && performance.now() < last.untilMs && last.besideDated === days.length > 0) return last.faces;
    this.#underWay ??= this.#list(days, { signal }).finally(() => this.#underWay = undefined);
    this.#listing = await this.#underWay;
    return this.#listing.faces;
  }

  async #list(days: readonly string[], { signal }: { signal: AbortSignal }): Promise<Listing> {
    const beganMs = performance.now();
    const newest = new NewestOf(MAX_FACES);
    const [first, last] = [days.at(0), days.at(-1)];
    for await (const object of this.store.list({ signal })) {
      if (first !== undefined && object.key > first) break;
      newest.add(shownFace(object));
    }
    if (last !== undefined) {
      for await (const object of this.store.list({ after: endOf(last), signal })) {
        newest.add(shownFace(object));
      }
    }
    const endedMs = performance.now();
    const besideDated = days.length > 0;
    const freshMs = Math.max(
      besideDated ? BESIDE_DATED_MS : this.freshMs,
      (endedMs - beganMs) / LISTING_SHARE,
    );
    return { faces: newest.sorted(), untilMs: beganMs + freshMs, besideDated };
  }
}

/** Keeps the newest `max` of any number of faces. */
class NewestOf {
  #faces: ShownFace[] = [];

  constructor(private readonly max: number) {}

  add(face: ShownFace | undefined): void {
    if (!face) return;
    this.#faces.push(face);
    if (this.#faces.length >= 2 * this.max) this.#faces = this.sorted();
  }

  sorted(): ShownFace[] {
    return this.#faces.sort(newestFirst).slice(0, this.max);
  }
}
