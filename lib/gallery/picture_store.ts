/** The part of a store that the gallery uses. */

/** An object in a listing. */
export interface ListedObject {
  readonly key: string;
  /** NaN when the store does not report the size. */
  readonly bytes: number;
  /** The time of the last write in milliseconds since 1970; 0 when the store does not report it. */
  readonly writtenMs: number;
}

/** A store of pictures. The stores of `lib/store` implement it. */
export interface PictureStore {
  /** The store as it is written in the settings. */
  readonly name: string;

  /** The bytes of an object; undefined when it does not exist. Throws a RejectedMessageError beyond `maxBytes`. */
  get(
    key: string,
    options: { signal: AbortSignal; maxBytes: number },
  ): Promise<Uint8Array<ArrayBuffer> | undefined>;

  /** The first or the last `bytes` bytes of an object, all of a shorter one; undefined when it does not exist. */
  part(
    key: string,
    options: { at: "start" | "end"; bytes: number; signal: AbortSignal },
  ): Promise<Uint8Array<ArrayBuffer> | undefined>;

  /**
   * The objects whose keys begin with `prefix` and sort after `after`, in ascending order of keys. Their number is not
   * limited: the caller stops reading.
   */
  list(options: { prefix?: string; after?: string; signal: AbortSignal }): AsyncIterable<ListedObject>;

  /** The size of an object in bytes; undefined when it does not exist. */
  size(key: string, options: { signal: AbortSignal }): Promise<number | undefined>;

  /** Removes an object; resolves also when there is none. Absent without `--allow delete`. */
  readonly delete?: (key: string, options: { signal: AbortSignal }) => Promise<void>;

  /**
   * The folders, each with its trailing `/`, and the objects directly below `prefix`, in ascending order; undefined when
   * they exceed one request. With another `delimiter`, names end behind its first occurrence after `prefix`; a server
   * without support for it throws, or returns undefined.
   */
  fewNames(
    options: { prefix?: string; delimiter?: string; signal: AbortSignal },
  ): Promise<string[] | undefined>;
}
