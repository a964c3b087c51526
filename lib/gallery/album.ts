/** All faces of a store in pages, newest first, whatever their keys look like. */
import { DatedFaces } from "./dated_faces.ts";
import { OtherFaces, type OtherOptions } from "./other_faces.ts";
import type { PictureStore } from "./picture_store.ts";
import { SharedWork } from "./shared_work.ts";
import {
  faceAt,
  formatPlace,
  MAX_FACE_BYTES,
  newestFirst,
  type Place,
  type ShownFace,
} from "./shown_face.ts";

/** So many of the faces without a date in their key are looked at for new ones. */
const MAX_RECENT_OTHERS = 1_000;
/** So many different pages are put together at a time; who asks for others waits. */
const MAX_PAGES_AT_A_TIME = 4;
/** So many pictures are read from the store at a time: at most 256 MiB. */
const MAX_PICTURES_AT_A_TIME = 8;

/** A page of faces, newest first. */
export interface Page {
  readonly faces: readonly ShownFace[];
  /** Whether there are older ones. */
  readonly more: boolean;
}

/** The faces of a store in their order. */
export class Album {
  readonly #dated: DatedFaces;
  readonly #others: OtherFaces;

  readonly #pictures = new SharedWork<Uint8Array<ArrayBuffer> | undefined>({
    atATime: MAX_PICTURES_AT_A_TIME,
  });
  readonly #pages = new SharedWork<Page>({ atATime: MAX_PAGES_AT_A_TIME });

  constructor(
    private readonly store: PictureStore,
    private readonly options: OtherOptions & { pageSize: number; now?: () => number },
  ) {
    this.#dated = new DatedFaces(store, options.now);
    this.#others = new OtherFaces(store, options);
  }

  /** The newest faces, or the newest of those older than `before`. Who asks for the same at once shares the work. */
  page({ before, signal }: { before?: Place; signal: AbortSignal }): Promise<Page> {
    return this.#pages.do(before ? formatPlace(before) : "", () => this.#page({ before, signal }));
  }

  async #page({ before, signal }: { before?: Place; signal: AbortSignal }): Promise<Page> {
    const { pageSize } = this.options;
    const opened = await this.#dated.open({ before, signal });
    const [dated, others] = await Promise.all([
      opened ? this.#first(pageSize + 1, opened.faces) : [],
      this.#others.newestFirst(opened?.days, { signal }),
    ]);
    const from = before ? others.findIndex((face) => newestFirst(before, face) < 0) : 0;
    const older = from < 0 ? [] : others.slice(from, from + pageSize + 1);
    const places = [...dated, ...older].sort(newestFirst);
    return { faces: places.slice(0, pageSize).map(faceAt), more: places.length > pageSize };
  }

  /** The bytes of a face, or nothing when there is none. Throws a RejectedMessageError when it is too large for one. */
  picture(key: string, { signal }: { signal: AbortSignal }): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return this.#pictures.do(key, () => this.store.get(key, { signal, maxBytes: MAX_FACE_BYTES }));
  }

  /** The first `max` dated faces. Meanwhile a long listing of the others waits. */
  async #first(max: number, faces: AsyncIterable<Place>): Promise<Place[]> {
    const first: Place[] = [];
    const resume = this.#others.pause();
    try {
      for await (const face of faces) if (first.push(face) >= max) break;
    } finally {
      resume();
    }
    return first;
  }

  /** Everything that may be new: what this holds now and did not hold a moment ago has come meanwhile. */
  async recent({ signal }: { signal: AbortSignal }): Promise<ShownFace[]> {
    const days = await this.#dated.days({ signal });
    const dated = days ? await this.#dated.recent(days, { signal }) : [];
    const others = await this.#others.newestFirst(days, { signal });
    return [...dated, ...others.slice(0, MAX_RECENT_OTHERS)].map(faceAt);
  }
}
