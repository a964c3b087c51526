/** A store keeps pictures under keys: an S3 bucket or a folder. */
import type { FaceFile } from "../face/face.ts";

/** As large as the largest message that a saver takes: a larger object is no face, and is not read. */
export const MAX_OBJECT_BYTES = 256 * 2 ** 20;

/** A stored object as a listing shows it. */
export interface StoredObject {
  readonly key: string;
  /** Its size; NaN when the store does not say. */
  readonly bytes: number;
  /** When it was written, milliseconds since 1970; 0 when the store does not say. */
  readonly writtenMs: number;
}

/** What is kept with an object: its media type and short ASCII texts. */
export interface ObjectInfo {
  readonly contentType: string;
  /** Names in lower case with `-`; values printable ASCII. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** What an error of a store is about: the store as a whole, or, as it seems, the one object. */
export type Subject = "store" | "object";

/** A store did not do what it was asked to. It may work later: what never can work is a RejectedMessageError. */
export class StoreError extends Error {
  override readonly name = "StoreError";

  /**
   * @param message what happened, with the status and code of the answer, without a full stop.
   * @param subject `object` when another object might fare better.
   * @param kind the same text for every error of this kind, such as `503 SlowDown`.
   * @param status of the answer; absent when none came.
   * @param cause what the file system or the network said.
   */
  constructor(
    message: string,
    readonly subject: Subject,
    readonly kind: string,
    readonly status?: number,
    cause?: unknown,
  ) {
    super(message, { cause });
  }
}

/** The contract: lib/store/store_contract_test.ts runs it on every kind of store. */
export interface Store {
  /** The store as the user wrote it. */
  readonly name: string;

  /**
   * Whether the store can be written to, as far as can be told without writing; with `ifAbsent` also whether it heeds
   * that, which takes two small puts. Throws a ConfigError when settings are wrong (no such bucket, unknown key), any
   * other error when the store is out of reach for now.
   */
  check(options: { signal: AbortSignal; ifAbsent?: boolean }): Promise<void>;

  /**
   * Proves that the store takes objects now: writes a small one of our own, and removes it where that is allowed.
   * Throws what `put` throws.
   */
  tryOut(options: { signal: AbortSignal }): Promise<void>;

  /**
   * Writes an object, whole or not at all; when it resolves, the store itself has confirmed this object, and it is
   * durable as far as the store promises. With `ifAbsent` an existing object is left as it is, whatever the server can
   * do, as long as nobody but this process writes. Returns whether it was written. Throws a RejectedMessageError when the store will
   * never take this object, a StoreError when it does not take it now.
   */
  put(
    key: string,
    bytes: Uint8Array<ArrayBuffer>,
    info: ObjectInfo,
    options: { signal: AbortSignal; ifAbsent?: boolean },
  ): Promise<boolean>;

  /** The size of an object in bytes, or nothing when there is none: then its key is free. */
  size(key: string, options: { signal: AbortSignal }): Promise<number | undefined>;

  /** The object's bytes, or nothing when there is none. Throws a RejectedMessageError when they are more than `maxBytes`. */
  get(
    key: string,
    options: { signal: AbortSignal; maxBytes?: number },
  ): Promise<Uint8Array<ArrayBuffer> | undefined>;

  /**
   * Objects whose key begins with `prefix` and sorts after `after`, in ascending order of keys. Their number has no
   * limit: whoever reads stops in time. Throws when the store itself cannot be read, such as a disk that is gone; in a
   * folder, what cannot be read below it, links and what systems keep there for themselves are passed over.
   */
  list(options: { prefix?: string; after?: string; signal: AbortSignal }): AsyncIterable<StoredObject>;

  /** The "folders" directly below `prefix`, each with its trailing `/`, ascending. */
  folders(options: { prefix?: string; signal: AbortSignal }): Promise<string[]>;

  /**
   * The folders, each with its trailing `/`, and objects directly below `prefix`, ascending; nothing when they are too
   * many for one request.
   */
  fewNames(options: { prefix?: string; signal: AbortSignal }): Promise<string[] | undefined>;
}

/** What an object tells about a face without being opened. Names that are not ASCII are percent-encoded. */
export function objectInfo(face: FaceFile): ObjectInfo {
  const known = face.metadata;
  const metadata: Record<string, string> = {
    sha256: face.id,
    size: `${face.width}x${face.height}`,
    ...(known && {
      camera: known.camera,
      device: encodeURIComponent(known.device),
      captured: known.captured,
      epoch: encodeURIComponent(known.epoch),
      sequence: String(known.sequence),
      box: [known.box.x, known.box.y, known.box.width, known.box.height].join(","),
      frame: `${known.frame.width}x${known.frame.height}`,
    }),
  };
  return { contentType: face.contentType, metadata };
}
