/** All faces of a store in pages, newest first, whatever their keys look like. */
import { DatedFaces } from "./dated_faces.ts";
import { OtherFaces } from "./other_faces.ts";
import type { PictureStore } from "./picture_store.ts";
import { newestFirst, type Place, type ShownFace } from "./shown_face.ts";

/** So many of the faces without a date in their key are looked at for new ones. */
const MAX_RECENT_OTHERS = 1_000;

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

  /** @param freshMs so old may be what is shown of a store whose keys tell no order. */
  constructor(
    store: PictureStore,
    private readonly options: { pageSize: number; freshMs: number; now?: () => number },
  ) {
    this.#dated = new DatedFaces(store, options.now);
    this.#others = new OtherFaces(store, options.freshMs);
  }

  /** The newest faces, or the newest of those older than `before`. */
  async page({ before, signal }: { before?: Place; signal: AbortSignal }): Promise<Page> {
    const days = await this.#dated.days({ signal });
    const others = await this.#others.newestFirst(days, { signal });
    const from = before ? others.findIndex((face) => newestFirst(before, face) < 0) : 0;
    const olderOthers = from < 0 ? [] : others.slice(from);
    const { pageSize } = this.options;
    const faces: ShownFace[] = [];
    for await (const face of merged(this.#dated.newestFirst(days, { before, signal }), olderOthers)) {
      faces.push(face);
      if (faces.length > pageSize) break;
    }
    return { faces: faces.slice(0, pageSize), more: faces.length > pageSize };
  }

  /** Everything that may be new: what this holds now and did not hold a moment ago has come meanwhile. */
  async recent({ signal }: { signal: AbortSignal }): Promise<ShownFace[]> {
    const days = await this.#dated.days({ signal });
    const dated = await this.#dated.recent(days, { signal });
    const others = await this.#others.newestFirst(days, { signal });
    return [...dated, ...others.slice(0, MAX_RECENT_OTHERS)];
  }
}

/** One order from two. */
async function* merged(
  dated: AsyncIterable<ShownFace>,
  others: readonly ShownFace[],
): AsyncGenerator<ShownFace> {
  let next = 0;
  for await (const face of dated) {
    while (next < others.length && newestFirst(others[next], face) < 0) yield others[next++];
    yield face;
  }
  yield* others.slice(next);
}
