/** Stores a face under the key that its template gives. */
import type { FaceFile } from "../face/face.ts";
import { identity } from "../face/face_file.ts";
import type { KeyTemplate } from "../face/object_key.ts";
import { objectInfo, type Store, StoreError } from "./store.ts";
import { TakenNames } from "./taken_names.ts";

/** The names that were assigned in each store: none is assigned again, whatever the server supports. */
const namesOf = new WeakMap<Store, TakenNames>();

/**
 * Stores a face and returns its key. The same face twice is one object. A different face never replaces another one: it
 * gets the next free number. Throws what the store throws, and a RejectedMessageError when no number is free.
 */
export async function saveFace(
  store: Store,
  face: FaceFile,
  { template, arrivedMs, signal }: { template: KeyTemplate; arrivedMs: number; signal: AbortSignal },
): Promise<string> {
  const key = template.keyOf(face, arrivedMs);
  const info = objectInfo(face);
  if (template.unique) {
    await store.put(key, face.bytes, info, { signal });
    return key;
  }
  const names = namesOf.get(store) ?? new TakenNames(store);
  namesOf.set(store, names);
  for (;;) {
    const name = await names.nameFor(face, key, { signal });
    if (name.isStored) return name.key;
    const isWritten = await store.put(name.key, face.bytes, info, { signal, ifAbsent: true });
    if (isWritten || await isStoredAs(store, name.key, face, signal)) {
      names.stored(face.id, key);
      return name.key;
    }
    names.taken(face.id, key);
  }
}

/** Whether the object with this key is this face. */
async function isStoredAs(store: Store, key: string, face: FaceFile, signal: AbortSignal): Promise<boolean> {
  const size = await store.size(key, { signal });
  if (size === undefined) {
    const text = `the store rejects "${key}" as taken, but has no such object`;
    throw new StoreError(text, "store", "taken and not there");
  }
  if (size !== face.bytes.length) return false;
  const found = await store.get(key, { signal });
  return found !== undefined && identity(found) === face.id;
}
