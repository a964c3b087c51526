/** What the gallery asks of a store. It only ever reads. */

/** A stored object as a listing shows it. */
export interface ListedObject {
  readonly key: string;
  /** Its size; NaN when the store does not say. */
  readonly bytes: number;
  /** When it was written, milliseconds since 1970; 0 when the store does not say. */
  readonly writtenMs: number;
}

/** A store of pictures, seen from the gallery; the stores of `lib/store` are such. */
export interface PictureStore {
  /** The store as the user wrote it. */
  readonly name: string;

  /** The object's bytes, or nothing when there is none. Throws a RejectedMessageError when they are more than `maxBytes`. */
  get(
    key: string,
    options: { signal: AbortSignal; maxBytes: number },
  ): Promise<Uint8Array<ArrayBuffer> | undefined>;

  /**
   * Objects whose key begins with `prefix` and sorts after `after`, in ascending order of keys. Their number has no
   * limit: whoever reads stops in time.
   */
  list(options: { prefix?: string; after?: string; signal: AbortSignal }): AsyncIterable<ListedObject>;

  /**
   * The folders, each with its trailing `/`, and objects directly below `prefix`, ascending; nothing when they are too
   * many for one request.
   */
  fewNames(options: { prefix?: string; signal: AbortSignal }): Promise<string[] | undefined>;
}
