/**
 * Names for faces whose template gives several of them one key. The first face of a key is simply put. When its name is
 * taken, the store is listed once; from then on each face has a number of its own, also before it is written, and
 * keeps it when it has to be written again.
 */
import { ConfigError, messageOf, RejectedMessageError } from "../errors.ts";
import type { FaceFile } from "../face/face.ts";
import { identity } from "../face/face_file.ts";
import { numbered } from "../face/object_key.ts";
import { RecentMap } from "../recent_map.ts";
import { type Store, StoreError } from "./store.ts";

/** Different faces that may share one key. */
const MAX_NUMBERED = 1_000;
/** Keys that are remembered; the one that was used longest ago is forgotten, and listed anew when it comes again. */
const MAX_KEYS = 256;
/** Objects that are listed for one key; where a template gives others names that begin alike, they are too many. */
const MAX_LISTED = 10_000;
/** Where listing is not allowed, so many free names in a row are taken for the end of those that are taken. */
const MAX_GAP = 16;

interface Names {
  /** Numbers of objects that are in the store, or about to be, and the sizes of those that were found there. */
  readonly numbers: Map<number, { readonly bytes?: number }>;
  /** Which face has which number. */
  readonly faces: Map<string, { readonly number: number; isStored: boolean }>;
  /** Settled when the store has been listed; absent before. */
  listed?: Promise<void>;
}

/** What is known of the names in one store. */
export class TakenNames {
  readonly #keys = new RecentMap<string, Names>(MAX_KEYS);

  constructor(private readonly store: Store) {}

  /** The name to put a face under, or the one that it is stored under already. */
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

  /** Its name belongs to another object. */
  taken(id: string, key: string): void {
    const names = this.#keys.get(key);
    names?.faces.delete(id);
    // Somebody else writes here too: what was listed is out of date.
    if (names) names.listed = undefined;
  }

  /** The names of a key; those that were used last are kept. */
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
      for await (const { key: there, bytes } of this.store.list({ prefix: stem, signal })) {
        if (++listed > MAX_LISTED) return await this.#lookUp(key, names, signal, found);
        const number = there === key ? 1 : Number(
          /^_(\d{1,4})$/.exec(
            there.endsWith(ending) ? there.slice(stem.length, there.length - ending.length) : "",
          )?.[1],
        );
        if (number >= 1 && numbered(key, number) === there) found(number, bytes);
      }
    } catch (error) {
      if (!isNotAllowed(error)) throw error;
      await this.#lookUp(key, names, signal, found);
    }
  }

  /** Finds what is taken name by name. */
  async #lookUp(
    key: string,
    names: Names,
    signal: AbortSignal,
    found: (number: number, bytes: number) => void,
  ): Promise<void> {
    for (let number = 1, free = 0; number <= MAX_NUMBERED && free < MAX_GAP; number++) {
      const bytes = await this.store.size(numbered(key, number), { signal }).catch((error) => {
        // To who may not list, AWS says so also of what is not there; of what is there, only to who may not read.
        const isThere = names.faces.values().some((face) => face.number === number && face.isStored);
        if (!isNotAllowed(error) || isThere) throw error;
        return undefined;
      });
      free = bytes === undefined ? free + 1 : 0;
      if (bytes !== undefined) found(number, bytes);
    }
  }

  /** Looks whether a face is one of the objects that were found: those of its size are read, once. */
  async #findAmong(names: Names, key: string, face: FaceFile, signal: AbortSignal): Promise<void> {
    for (const [number, { bytes }] of names.numbers) {
      if (bytes === undefined || names.faces.has(face.id)) continue;
      if (bytes !== face.bytes.length && !Number.isNaN(bytes)) continue; // NaN: the store does not say.
      const there = await this.store.get(numbered(key, number), { signal });
      if (!there) continue;
      names.numbers.set(number, {});
      names.faces.set(identity(there), { number, isStored: true });
    }
  }
}

function nextFree({ numbers }: Names, key: string): number {
  for (let number = 1; number <= MAX_NUMBERED; number++) if (!numbers.has(number)) return number;
  throw new RejectedMessageError(`${MAX_NUMBERED} different faces have the key "${key}"`);
}

function isNotAllowed(error: unknown): boolean {
  return error instanceof StoreError
    ? error.status === 403
    : error instanceof ConfigError && /not allowed/.test(messageOf(error));
}
