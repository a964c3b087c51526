/**
 * Names for faces whose template gives several faces one key. The first face of a key is put without a look. When its
 * name is taken, the store is listed once. From then on each face gets its own number before it is written, and keeps the
 * number over retries.
 */
import { ConfigError, messageOf, RejectedMessageError } from "../errors.ts";
import type { FaceFile } from "../face/face.ts";
import { identity } from "../face/face_file.ts";
import { numbered } from "../face/object_key.ts";
import { RecentMap } from "../recent_map.ts";
import { type Store, StoreError } from "./store.ts";

/** Maximum number of different faces with one key; beyond it a face is rejected. */
const MAX_NUMBERED = 1_000;
/** Keys that are remembered. Beyond it the least recently used key is forgotten, and listed again when needed. */
const MAX_KEYS = 256;
/** Maximum number of objects that are listed for one key. Beyond it, where many keys share a prefix, names are looked up. */
const MAX_LISTED = 10_000;
/** Where listing is not allowed, this number of free names in a row marks the end of the taken ones. */
const MAX_GAP = 16;

interface Names {
  /** Numbers of objects in the store and of faces to be put, with the sizes of the objects that were found. */
  readonly numbers: Map<number, { readonly bytes?: number }>;
  /** The number of each face, by identity. */
  readonly faces: Map<string, { readonly number: number; isStored: boolean }>;
  /** Resolved when the store has been listed; absent before. */
  listed?: Promise<void>;
}

/** The taken names of one store. */
export class TakenNames {
  readonly #keys = new RecentMap<string, Names>(MAX_KEYS);

  constructor(private readonly store: Store) {}

  /** The name to put a face under, or the name under which it is stored already. */
  async nameFor(
    face: FaceFile,
    key: string,
    { signal }: { signal: AbortSignal },
  ): Promise<{ readonly key: string; readonly isStored: boolean }> {
    const names = this.#namesOf(key);
    const isFirst = names.numbers.size === 0;
    if (!names.faces.has(face.id) && !isFirst) {
      await this.#listed(key, names, signal);
      await this.#findAmong(names, key, face, signal);
    }
    const own = names.faces.get(face.id) ?? { number: nextFree(names, key), isStored: false };
    names.faces.set(face.id, own);
    if (!names.numbers.has(own.number)) names.numbers.set(own.number, {});
    return { key: numbered(key, own.number), isStored: own.isStored };
  }

  /** The face is stored under its name. */
  stored(id: string, key: string): void {
    const own = this.#keys.get(key)?.faces.get(id);
    if (own) own.isStored = true;
  }

  /** The name of a face belongs to another object. */
  taken(id: string, key: string): void {
    const names = this.#keys.get(key);
    names?.faces.delete(id);
    // Another program writes here too: the listing is out of date.
    if (names) names.listed = undefined;
  }

  /** The names of a key. The most recently used keys are kept. */
  #namesOf(key: string): Names {
    const names = this.#keys.get(key) ?? { numbers: new Map(), faces: new Map() };
    this.#keys.set(key, names);
    return names;
  }

  async #listed(key: string, names: Names, signal: AbortSignal): Promise<void> {
    names.listed ??= this.#list(key, names, signal).catch((error) => {
      names.listed = undefined;
      throw error;
    });
    await names.listed;
  }

  async #list(key: string, names: Names, signal: AbortSignal): Promise<void> {
    const ending = /(?:\.\w+)?$/.exec(key)![0];
    const stem = key.slice(0, key.length - ending.length);
    const found = (number: number, bytes: number) => {
      if (names.numbers.get(number)?.bytes === undefined) names.numbers.set(number, { bytes });
    };
    let listed = 0;
    try {
      for await (const { key: listedKey, bytes } of this.store.list({ prefix: stem, signal })) {
        if (++listed > MAX_LISTED) return await this.#lookUp(key, names, signal, found);
        const number = listedKey === key ? 1 : Number(
          /^_(\d{1,4})$/.exec(
            listedKey.endsWith(ending) ? listedKey.slice(stem.length, listedKey.length - ending.length) : "",
          )?.[1],
        );
        if (number >= 1 && numbered(key, number) === listedKey) found(number, bytes);
      }
    } catch (error) {
      if (!isNotAllowed(error)) throw error;
      await this.#lookUp(key, names, signal, found);
    }
  }

  /** Finds the taken names one by one. */
  async #lookUp(
    key: string,
    names: Names,
    signal: AbortSignal,
    found: (number: number, bytes: number) => void,
  ): Promise<void> {
    for (let number = 1, free = 0; number <= MAX_NUMBERED && free < MAX_GAP; number++) {
      const bytes = await this.store.size(numbered(key, number), { signal }).catch((error) => {
        // Without the permission to list, AWS answers 403 for a missing object, too; for an existing one only without the
        // permission to read.
        const isThere = names.faces.values().some((face) => face.number === number && face.isStored);
        if (!isNotAllowed(error) || isThere) throw error;
        return undefined;
      });
      free = bytes === undefined ? free + 1 : 0;
      if (bytes !== undefined) found(number, bytes);
    }
  }

  /** Looks for a face among the objects that were found: those of its size are read, once. */
  async #findAmong(names: Names, key: string, face: FaceFile, signal: AbortSignal): Promise<void> {
    for (const [number, { bytes }] of names.numbers) {
      if (bytes === undefined || names.faces.has(face.id)) continue;
      if (bytes !== face.bytes.length && !Number.isNaN(bytes)) continue; // NaN: unknown.
      const object = await this.store.get(numbered(key, number), { signal });
      if (!object) continue;
      names.numbers.set(number, {});
      names.faces.set(identity(object), { number, isStored: true });
    }
  }
}

function nextFree({ numbers }: Names, key: string): number {
  for (let number = 1; number <= MAX_NUMBERED; number++) if (!numbers.has(number)) return number;
  throw new RejectedMessageError(`${MAX_NUMBERED} different faces have the key "${key}"`, "key_taken");
}

function isNotAllowed(error: unknown): boolean {
  return error instanceof StoreError
    ? error.status === 403
    : error instanceof ConfigError && /not allowed/.test(messageOf(error));
}
