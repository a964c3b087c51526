/** The pictures of faces. Concurrent requests for one share its read, and few are in memory at the same time. */
import type { PictureStore } from "./picture_store.ts";
import { SharedWork } from "./shared_work.ts";
import { MAX_FACE_BYTES } from "./shown_face.ts";

/** Maximum number of pictures in memory, 256 MiB together; further requests wait. */
const MAX_CONCURRENT = 8;

/** Reads pictures from a store. */
export class Pictures {
  readonly #reads = new SharedWork<Uint8Array<ArrayBuffer> | undefined>({ maxConcurrent: MAX_CONCURRENT });

  constructor(private readonly store: PictureStore) {}

  /** The bytes of a face; undefined when it does not exist. Throws a RejectedMessageError beyond MAX_FACE_BYTES. */
  read(key: string, { signal }: { signal: AbortSignal }): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return this.#reads.do(key, () => this.store.get(key, { signal, maxBytes: MAX_FACE_BYTES }));
  }
}
