/**
 * Deletes faces, and keeps them deleted.
 *
 * A face can be stored again after its deletion: its receipt was lost, so that the detector sends it again, and the saver
 * does not remember it any more. Its key then is the same, because a key is made from the face. While this program runs,
 * it shows no face that it has deleted and whose key ends in the face's hash, and deletes it again when it is stored
 * again. A key without a hash may belong to another face by then, and is shown.
 */
import { forEachConcurrent } from "../async/for_each_concurrent.ts";
import { messageOf } from "../errors.ts";
import { RecentMap } from "../recent_map.ts";
import { isFaceKey } from "./face_address.ts";
import type { PictureStore } from "./picture_store.ts";

/** Requests to delete at the same time. */
const MAX_CONCURRENT = 8;
/** Deleted faces that are remembered; beyond it the oldest is forgotten. */
const MAX_REMEMBERED = 10_000;
/** A face that was stored again is deleted at most once in this time. */
const AGAIN_MS = 60_000;
/** The end of a key with the first 12 digits of a face's identity, or all 64. */
const HASH_AT_END = /(^|[^0-9a-f])([0-9a-f]{12}|[0-9a-f]{64})\.\w+$/;

/** What became of a request to delete. */
export interface Deletion {
  readonly deleted: readonly string[];
  readonly failed: readonly { readonly key: string; readonly reason: string }[];
}

/** Options of {@link DeletedFaces}. Tests replace the clock. */
export interface DeletedOptions {
  /** Called when a face that had been deleted was stored again, and deleted again. */
  readonly onDeletedAgain?: (key: string) => void;
  /** A monotonic time in milliseconds. */
  readonly nowMs?: () => number;
}

/** The faces that were deleted from one store. */
export class DeletedFaces {
  /** Keys, with the time of their last deletion. */
  readonly #deleted = new RecentMap<string, number>(MAX_REMEMBERED);
  readonly #nowMs: () => number;
  /** The store without the deleted faces. */
  readonly store: PictureStore;

  /** @param real a store that was opened with `mayDelete`. */
  constructor(private readonly real: PictureStore, private readonly options: DeletedOptions = {}) {
    this.#nowMs = options.nowMs ?? (() => performance.now());
    this.store = this.#without();
  }

  /** Deletes faces, each independently of the others. */
  async delete(keys: readonly string[], { signal }: { signal: AbortSignal }): Promise<Deletion> {
    const deleted: string[] = [];
    const failed: { key: string; reason: string }[] = [];
    await forEachConcurrent(each(new Set(keys)), MAX_CONCURRENT, async (key) => {
      try {
        // What the gallery does not show, such as a settings file beside the faces, it does not delete.
        if (!isFaceKey(key)) throw new Error("it is no key of a face");
        await this.real.delete!(key, { signal });
        if (HASH_AT_END.test(key)) this.#deleted.set(key, this.#nowMs());
        deleted.push(key);
      } catch (error) {
        failed.push({ key, reason: messageOf(error) });
      }
    });
    return { deleted, failed };
  }

  #without(): PictureStore {
    const { real } = this;
    const isGone = (key: string) => this.#deleted.has(key);
    const again = (key: string, signal: AbortSignal) => this.#deleteAgain(key, signal);
    return {
      name: real.name,
      get: async (key, options) => isGone(key) ? undefined : await real.get(key, options),
      part: async (key, options) => isGone(key) ? undefined : await real.part(key, options),
      size: async (key, options) => isGone(key) ? undefined : await real.size(key, options),
      fewNames: (options) => real.fewNames(options),
      async *list(options) {
        for await (const object of real.list(options)) {
          if (isGone(object.key)) again(object.key, options.signal);
          else yield object;
        }
      },
    };
  }

  /** A listing may also be older than the deletion: the object is then missing, and nothing is reported. */
  #deleteAgain(key: string, signal: AbortSignal): void {
    const lastMs = this.#deleted.get(key)!;
    if (this.#nowMs() - lastMs < AGAIN_MS) return;
    this.#deleted.set(key, this.#nowMs());
    const work = async () => {
      if (await this.real.size(key, { signal }) === undefined) return;
      await this.real.delete!(key, { signal });
      this.options.onDeletedAgain?.(key);
    };
    work().catch(() => {}); // The next listing after AGAIN_MS tries it again.
  }
}

async function* each<T>(items: Iterable<T>): AsyncIterable<T> {
  yield* items;
}
