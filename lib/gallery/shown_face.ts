/** A face as the page shows it, made from its object key alone: no picture is opened for a listing. */
import { printable } from "../printable.ts";
import { isFaceKey, urlOf } from "./face_address.ts";
import type { ListedObject } from "./picture_store.ts";

/** A face on the page. */
export interface ShownFace {
  readonly key: string;
  /** Where its picture is, relative to the page. */
  readonly url: string;
  /** Its camera, as far as the key tells; else the file's name. */
  readonly label: string;
  /** When it was taken, as far as the key tells; else when it was written. Milliseconds since 1970. */
  readonly ms: number;
}

/** A place in the order of faces: everything older comes after it. */
export type Place = Pick<ShownFace, "ms" | "key">;

/** `2026-01-31/23-59-59-123_…`, as the saver's default key begins; milliseconds may be missing. */
const TIMED_KEY = /^(\d{4}-\d\d-\d\d)\/(\d\d)-(\d\d)-(\d\d)(?:-(\d{3}))?(?=[_.]|$)/;
/** `…_front_door_0123456789ab.png`, as it ends. */
const CAMERA_IN_KEY = /_([^/]+)_[0-9a-f]{12}\.\w+$/;

/** A larger object is no face. */
export const MAX_FACE_BYTES = 32 * 2 ** 20;
/** A longer name is cut. */
const MAX_LABEL = 100;

/** The place of the face that an object is, or nothing when the gallery does not show such objects. */
export function placeOf({ key, bytes, writtenMs }: ListedObject): Place | undefined {
  if (bytes === 0 || bytes > MAX_FACE_BYTES || !isFaceKey(key)) return undefined;
  return { key, ms: timeInKey(key) ?? writtenMs };
}

/** What the page shows at a place. */
export function faceAt({ key, ms }: Place): ShownFace {
  const camera = timeInKey(key) === undefined ? undefined : CAMERA_IN_KEY.exec(key)?.[1];
  const fileName = key.slice(key.lastIndexOf("/") + 1).replace(/\.\w+$/, "");
  return { key, url: urlOf(key), label: printable(camera ?? fileName, { max: MAX_LABEL }), ms };
}

/** The time (UTC) that a key begins with, in milliseconds since 1970. */
export function timeInKey(key: string): number | undefined {
  const found = TIMED_KEY.exec(key);
  if (!found) return undefined;
  const [, day, hour, minute, second, milli = "000"] = found;
  const time = `${day}T${hour}:${minute}:${second}.${milli}Z`;
  const ms = Date.parse(time);
  // There is no 31 February, although it can be parsed.
  return !Number.isNaN(ms) && new Date(ms).toISOString() === time ? ms : undefined;
}

/** What keys of this moment begin with; it sorts before all of them. */
export function keyAt(ms: number): string {
  const iso = new Date(Math.max(0, ms)).toISOString();
  return `${iso.slice(0, 10)}/${iso.slice(11, 23).replace(/[:.]/g, "-")}`;
}

/** Sorts the newest first; faces of the same moment by key, so that the order is always the same. */
export function newestFirst(a: Place, b: Place): number {
  return b.ms - a.ms || (a.key < b.key ? 1 : a.key > b.key ? -1 : 0);
}

/** A place as a word in an address. */
export function formatPlace({ ms, key }: Place): string {
  return `${ms}_${key}`;
}

/** Reads what `formatPlace` wrote; nothing when it is something else. */
export function parsePlace(text: string): Place | undefined {
  const [, ms, key] = /^(\d{1,15})_([^]+)$/.exec(text) ?? [];
  return key === undefined ? undefined : { ms: Number(ms), key };
}
