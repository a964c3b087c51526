/** The interface of a store, which keeps pictures under keys: an S3 bucket or a folder. */
import type { FaceFile } from "../face/face.ts";

/** Maximum size of an object, that of the largest message that a saver takes. A larger object is not read. */
export const MAX_OBJECT_BYTES = 256 * 2 ** 20;

/** A small object of our own that shows whether a store can be written to. It is no picture: the gallery skips it. */
export const TRIAL = {
  key: ".haarlem-trial",
  bytes: new TextEncoder().encode("Haarlem tests whether it can write here. This object may be deleted.\n"),
  info: { contentType: "text/plain", metadata: {} },
} as const;

/** Options of a listing. */
export interface ListOptions {
  readonly prefix?: string;
  readonly after?: string;
  readonly signal: AbortSignal;
  /** Called for each subfolder that was skipped because it cannot be read, such as `2026-01-31/`. */
  readonly onSkipped?: (folder: string, reason: string) => void;
}

/** A stored object as a listing shows it. */
export interface StoredObject {
  readonly key: string;
  /** Its size; NaN when the store does not give it. */
  readonly bytes: number;
  /** When it was written, milliseconds since 1970; 0 when the store does not give it. */
  readonly writtenMs: number;
}

/** What is stored with an object: its media type and short ASCII texts. */
export interface ObjectInfo {
  readonly contentType: string;
  /** Names in lower case with `-`; values printable ASCII. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Which part of an object is read: at most `bytes` from its start, or up to its end. */
export interface PartOptions {
  readonly at: "start" | "end";
  readonly bytes: number;
  readonly signal: AbortSignal;
}

/** What an error of a store is about: the store as a whole, or probably the one object. */
export type Subject = "store" | "object";

/** An operation of a store failed, and may succeed later. One that never can succeed is a RejectedMessageError. */
export class StoreError extends Error {
  override readonly name = "StoreError";

  /**
   * @param message what happened, with the status and code of the answer, without a full stop.
   * @param subject `object` when the operation may succeed with another object.
   * @param kind the same text for every error of this kind, such as `503 SlowDown`.
   * @param status of the answer; absent when none came.
   * @param cause the error of the file system or the network.
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

/** The contract: store_contract_test.ts runs it on every kind of store. */
export interface Store {
  /** The address of the store as the user gave it. */
  readonly name: string;

  /**
   * Checks that the store can be written to, as far as is possible without writing. With `ifAbsent` it also finds out
   * whether the store supports conditional puts, by two small puts. Throws a ConfigError when settings are wrong (no such
   * bucket, unknown key), any other error when the store cannot be reached now.
   */
  check(options: { signal: AbortSignal; ifAbsent?: boolean }): Promise<void>;

  /**
   * Tests that the store takes objects now: writes TRIAL, and removes it where that is allowed. Throws what `put`
   * throws.
   */
  tryOut(options: { signal: AbortSignal }): Promise<void>;

  /**
   * Writes an object, whole or not at all. When it resolves, the store itself has confirmed the object, and it is as
   * durable as the store guarantees. With `ifAbsent` an existing object is never replaced, whatever the server supports,
   * as long as only this process writes. Returns whether it was written. Throws a RejectedMessageError when the store can
   * never take this object, a StoreError when the put failed now.
   */
  put(
    key: string,
    bytes: Uint8Array<ArrayBuffer>,
    info: ObjectInfo,
    options: { signal: AbortSignal; ifAbsent?: boolean },
  ): Promise<boolean>;

  /**
   * Removes an object durably, and the folders that are empty without it; resolves also when there is none. Absent unless the store was opened with `mayDelete`, so
   * that no program deletes by mistake. Throws a StoreError, with the status 403 where deleting is not allowed. Earlier
   * versions of an object stay in a bucket with versioning.
   */
  readonly delete?: (key: string, options: { signal: AbortSignal }) => Promise<void>;

  /** The size of an object in bytes; nothing when there is none, so that its key is free. */
  size(key: string, options: { signal: AbortSignal }): Promise<number | undefined>;

  /** An object's bytes; nothing when there is none. Throws a RejectedMessageError when it is larger than `maxBytes`. */
  get(
    key: string,
    options: { signal: AbortSignal; maxBytes?: number },
  ): Promise<Uint8Array<ArrayBuffer> | undefined>;

  /**
   * The first or the last bytes of an object, all of a shorter one; nothing when there is none. Reads no more than that,
   * as far as the server allows: a face's metadata is there (lib/face/face_part.ts).
   */
  part(key: string, options: PartOptions): Promise<Uint8Array<ArrayBuffer> | undefined>;

  /**
   * Objects whose key begins with `prefix` and sorts after `after`, in ascending order of keys. Their number has no
   * limit: the reader has to stop. Throws when the store itself cannot be read, such as an unplugged disk. In a folder,
   * unreadable subfolders, links and the files of operating systems are skipped.
   */
  list(options: ListOptions): AsyncIterable<StoredObject>;

  /**
   * The folders, each with its trailing `/`, and objects directly below `prefix`, ascending; nothing when they are too
   * many for one request. With another `delimiter`, names end behind its first occurrence after `prefix`. A server may
   * not support other delimiters: it then throws, or returns nothing.
   */
  fewNames(
    options: { prefix?: string; delimiter?: string; signal: AbortSignal },
  ): Promise<string[] | undefined>;
}

/** What is stored with a face, readable without its bytes. Names that are not ASCII are percent-encoded. */
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
      ...(known.detectionScore !== undefined && { "detection-score": thousandths(known.detectionScore) }),
      ...(known.landmarks && {
        landmarks: known.landmarks.map(({ x, y }) => `${tenths(x)},${tenths(y)}`).join(" "),
      }),
    }),
  };
  return { contentType: face.contentType, metadata };
}

// Rounded again, since a face of another writer may have numbers of many digits.
const tenths = (value: number) => String(Math.round(value * 10) / 10);
const thousandths = (value: number) => String(Math.round(value * 1000) / 1000);
