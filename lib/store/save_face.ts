import type { FaceFile } from "../face/face.ts";
import { identity } from "../face/face_file.ts";
import type { KeyTemplate } from "../face/object_key.ts";
import { objectInfo, type Store, StoreError } from "./store.ts";
import { TakenNames } from "./taken_names.ts";

/** One for each store: what it has given out is not given out again, whatever the server can do. */
const namesOf = new WeakMap<Store, TakenNames>();

/**
 * Stores a face under the key its template gives and returns that key. The same face twice is one object; a
 * different face never takes the place of another: it gets the next number that is free. Throws what the store throws,
 * and a RejectedMessageError when there is no name left.
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

/** Whether the object that has a name is this very face. */
async function isStoredAs(store: Store, key: string, face: FaceFile, signal: AbortSignal): Promise<boolean> {
  const size = await store.size(key, { signal });
  if (size === undefined) {
    const text = `the store says that "${key}" is taken, and that nothing is there`;
    throw new StoreError(text, "store", "taken and not there");
  }
  if (size !== face.bytes.length) return false;
  const there = await store.get(key, { signal });
  return there !== undefined && identity(there) === face.id;
}
