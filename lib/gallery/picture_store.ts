/** What the gallery asks of a store. It only ever reads. */

/** A stored object as a listing shows it. */
export interface ListedObject {
  readonly key: string;
  readonly bytes: number;
  /** When it was written, milliseconds since 1970. */
  readonly writtenMs: number;
}

/** A store of pictures, seen from the gallery; the stores of `lib/store` are such. */
export interface PictureStore {
  /** The store as the user wrote it. */
  readonly name: string;

  /** The object's bytes, or nothing when there is none. */
  get(key: string, options: { signal: AbortSignal }): Promise<Uint8Array<ArrayBuffer> | undefined>;

  /** Objects whose key begins with `prefix` and sorts after `after`, in ascending order of keys. */
  list(options: { prefix?: string; after?: string; signal: AbortSignal }): AsyncIterable<ListedObject>;

  /** The "folders" directly below `prefix`, each with its trailing `/`, ascending. */
  folders(options: { prefix?: string; signal: AbortSignal }): Promise<string[]>;
}
