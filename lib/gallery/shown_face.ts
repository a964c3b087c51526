/** Faces as listings show them, and what their object keys say: a listing opens no picture. */
import { isFaceKey } from "./face_address.ts";
import type { ListedObject } from "./picture_store.ts";

/** A place in the order of faces, newest first. */
export interface Position {
  readonly key: string;
  /** The capture time if the key contains it, else the time of the upload. Milliseconds since 1970. */
  readonly ms: number;
}

/** A face as a listing shows it. `bytes` and `writtenMs` are those of {@link ListedObject}. */
export interface ListedFace extends Position {
  readonly bytes: number;
  readonly writtenMs: number;
}

/** The start of the saver's default key, `2026-01-31/23-59-59-123_…`; the milliseconds are optional. */
const TIMED_KEY = /^(\d{4}-\d\d-\d\d)\/(\d\d)-(\d\d)-(\d\d)(?:-(\d{3}))?(?=[_.]|$)/;
/** The end of the saver's default key, `…_front_door_0123456789ab.png`. */
const CAMERA_IN_KEY = /_([^/]+)_[0-9a-f]{12}\.\w+$/;

/** Larger objects are not shown. */
export const MAX_FACE_BYTES = 32 * 2 ** 20;

/** An object as a face; undefined when the gallery does not show the object. */
export function listedFace({ key, bytes, writtenMs }: ListedObject): ListedFace | undefined {
  if (bytes === 0 || bytes > MAX_FACE_BYTES || !isFaceKey(key)) return undefined;
  return { key, ms: timeInKey(key) ?? writtenMs, bytes, writtenMs };
}

/** The camera in one of the saver's default keys; undefined for any other key. */
export function cameraInKey(key: string): string | undefined {
  return timeInKey(key) === undefined ? undefined : CAMERA_IN_KEY.exec(key)?.[1];
}

/** The time (UTC) at the start of a key, in milliseconds since 1970; undefined without one, and for a time before 1970. */
export function timeInKey(key: string): number | undefined {
  const found = TIMED_KEY.exec(key);
  if (!found) return undefined;
  const [, day, hour, minute, second, milli = "000"] = found;
  const time = `${day}T${hour}:${minute}:${second}.${milli}Z`;
  const ms = Date.parse(time);
  // Date.parse() accepts 31 February and returns a day of March.
  return ms >= 0 && new Date(ms).toISOString() === time ? ms : undefined;
}

/** The start of all default keys with this time. It sorts before these keys and after all keys with an earlier time. */
export function keyAt(ms: number): string {
  const iso = new Date(Math.max(0, ms)).toISOString();
  return `${iso.slice(0, 10)}/${iso.slice(11, 23).replace(/[:.]/g, "-")}`;
}

/** Sorts the newest first. Faces with the same time are sorted by key, so that the order is stable. */
export function newestFirst(a: Position, b: Position): number {
  return b.ms - a.ms || (a.key < b.key ? 1 : a.key > b.key ? -1 : 0);
}
