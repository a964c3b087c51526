import type { FaceFile } from "../face/face.ts";
import { type KeyTemplate, numbered } from "../face/object_key.ts";
import { objectFacts, type Store } from "./store.ts";
import { identity } from "../face/face_file.ts";

/** Different faces that may share one second's key before something must be wrong. */
const MAX_NUMBERED = 1_000;

/**
 * Stores a face under the key its template gives and returns that key. The same face twice is one object; a
 * different face never takes the place of another. Throws what the store throws.
 */
export async function saveFace(
  store: Store,
  face: FaceFile,
  { template, arrivedMs, signal }: { template: KeyTemplate; arrivedMs: number; signal: AbortSignal },
): Promise<string> {
  const key = template.keyOf(face, arrivedMs);
  const facts = objectFacts(face);
  if (template.unique) {
    await store.put(key, face.bytes, facts, { signal });
    return key;
  }
  for (let attempt = 1; attempt <= MAX_NUMBERED; attempt++) {
    const candidate = numbered(key, attempt);
    if (await store.put(candidate, face.bytes, facts, { signal, ifAbsent: true })) return candidate;
    const there = await store.get(candidate, { signal });
    if (there && identity(there) === face.id) return candidate;
  }
  throw new Error(`${MAX_NUMBERED} different faces have the key "${key}"`);
}
