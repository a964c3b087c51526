/** All faces of a store in pages, newest first, with and without a date in their keys. */
import { delay } from "../async/delay.ts";
import { DatedFaces } from "./dated_faces.ts";
import type { PictureStore } from "./picture_store.ts";
import { SharedWork } from "./shared_work.ts";
import {
  faceAt,
  formatPosition,
  MAX_FACE_BYTES,
  newestFirst,
  type Position,
  type ShownFace,
} from "./shown_face.ts";
import { UndatedFaces, type UndatedOptions } from "./undated_faces.ts";

/** Number of the newest undated faces that are compared for new ones; new faces beyond it appear on the next load. */
const MAX_RECENT_UNDATED = 1_000;
/** Maximum number of different pages in work; further requests wait. */
const MAX_CONCURRENT_PAGES = 4;
/** Maximum number of pictures in memory, 256 MiB together; further requests wait. */
const MAX_CONCURRENT_PICTURES = 8;

/** A page of faces, newest first. */
export interface Page {
  readonly faces: readonly ShownFace[];
  /** Whether the store has older faces. */
  readonly more: boolean;
}

/** Options of {@link Album}. Tests replace the clocks. */
export interface AlbumOptions extends UndatedOptions {
  readonly pageSize: number;
  /** The time since 1970 in milliseconds. */
  readonly utcMs?: () => number;
  /** A monotonic time in milliseconds. */
  readonly nowMs?: () => number;
  readonly delay?: typeof delay;
}

/** The faces of a store in their order. */
export class Album {
  readonly #dated: DatedFaces;
  readonly #undated: UndatedFaces;
  readonly #pageSize: number;
  readonly #pictures = new SharedWork<Uint8Array<ArrayBuffer> | undefined>({
    maxConcurrent: MAX_CONCURRENT_PICTURES,
  });
  readonly #pages = new SharedWork<Page>({ maxConcurrent: MAX_CONCURRENT_PAGES });

  constructor(private readonly store: PictureStore, options: AlbumOptions) {
    const { pageSize, utcMs = Date.now, nowMs = () => performance.now(), delay: wait = delay } = options;
    this.#pageSize = pageSize;
    this.#dated = new DatedFaces(store, { utcMs, nowMs });
    this.#undated = new UndatedFaces(store, options, { nowMs, delay: wait });
  }

  /** The newest faces, or the newest faces older than `before`. Concurrent requests for the same page share the work. */
  page({ before, signal }: { before?: Position; signal: AbortSignal }): Promise<Page> {
    return this.#pages.do(before ? formatPosition(before) : "", () => this.#page({ before, signal }));
  }

  async #page({ before, signal }: { before?: Position; signal: AbortSignal }): Promise<Page> {
    // One face more than a page shows whether there are older faces.
    const max = this.#pageSize + 1;
    const opened = await this.#dated.open({ before, signal });
    const [dated, undated] = await Promise.all([
      opened ? this.#first(max, opened.faces) : [],
      this.#undated.newestFirst(opened?.days, { signal }),
    ]);
    const from = before ? undated.findIndex((face) => newestFirst(before, face) < 0) : 0;
    const older = from < 0 ? [] : undated.slice(from, from + max);
    const faces = [...dated, ...older].sort(newestFirst);
    return { faces: faces.slice(0, this.#pageSize).map(faceAt), more: faces.length > this.#pageSize };
  }

  /** The bytes of a face; undefined when it does not exist. Throws a RejectedMessageError beyond MAX_FACE_BYTES. */
  picture(key: string, { signal }: { signal: AbortSignal }): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return this.#pictures.do(key, () => this.store.get(key, { signal, maxBytes: MAX_FACE_BYTES }));
  }

  /** The first `max` dated faces. A running listing of undated faces pauses meanwhile. */
  async #first(max: number, faces: AsyncIterable<Position>): Promise<Position[]> {
    const first: Position[] = [];
    const resume = this.#undated.pause();
    try {
      for await (const face of faces) if (first.push(face) >= max) break;
    } finally {
      resume();
    }
    return first;
  }

  /** The faces that may be new: a face that is in this result and was not in the previous one is new. */
  async recent({ signal }: { signal: AbortSignal }): Promise<ShownFace[]> {
    const days = await this.#dated.days({ signal });
    const dated = days ? await this.#dated.recent(days, { signal }) : [];
    const undated = await this.#undated.newestFirst(days, { signal });
    return [...dated, ...undated.slice(0, MAX_RECENT_UNDATED)].map((face) => faceAt(face));
  }
}
