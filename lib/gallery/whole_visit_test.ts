/** `/api/visit`: a visit as a whole, whatever the index has of it. */
import assert from "node:assert/strict";
import { galleryOf } from "../testing/gallery_requests.ts";
import { TestStore } from "../testing/gallery_store.ts";
import { type TestFace, visitFace } from "../testing/visit_faces.ts";

const DAY = Date.UTC(2026, 0, 31);
const HOUR = 3_600_000;

/** A store with these faces. Returns it with their keys in the same order. */
function storeOf(
  faces: readonly TestFace[],
  keyed = (key: string) => key,
): { store: TestStore; keys: string[] } {
  const store = new TestStore();
  const keys = faces.map((face) => {
    const { key, bytes } = visitFace(face);
    store.objects.set(keyed(key), face.ms + 1_000);
    store.pictures.set(keyed(key), bytes);
    return keyed(key);
  });
  return { store, keys };
}

Deno.test("/api/visit has all pictures also where the day is not in memory, over midnight", async () => {
  const began = DAY + 22 * HOUR;
  const { store, keys } = storeOf([
    ...Array.from({ length: 200 }, (_, minute) => ({ ms: began + minute * 60_000, visit: 1, began })),
    { ms: began + 90_000, visit: 2, camera: "yard" },
    { ms: began + 90_001, visit: 3 },
  ]);
  for (const at of [0, 60, 199]) {
    const get = galleryOf(store); // As after a restart.
    const answer = await get(`/api/visit?key=${encodeURIComponent(keys[at])}`);
    assert.deepEqual(await answer.json(), { keys: keys.slice(0, 200) }, `of picture ${at}`);
  }
});

Deno.test("/api/visit names no part of a visit as all of it", async () => {
  const { store, keys } = storeOf([0, 1, 2].map((ms) => ({ ms: DAY + ms, visit: 1, began: DAY })));
  const part = store.part.bind(store);
  store.part = (key, options) =>
    key === keys[2] ? Promise.reject(new Error("a bad sector")) : part(key, options);
  const answer = await galleryOf(store)(`/api/visit?key=${encodeURIComponent(keys[0])}`);
  assert.deepEqual([answer.status, (await answer.json()).error], [
    503,
    "1 picture of that day cannot be read, so the visit may have more",
  ]);
});

Deno.test("/api/visit has all pictures of a visit whose keys have no date", async () => {
  const faces = Array.from(
    { length: 60 },
    (_, minute) => ({ ms: DAY + minute * 60_000, visit: 1, began: DAY }),
  );
  const { store, keys } = storeOf([...faces, { ms: DAY + 1, visit: 2 }], (key) => `mine/${key.slice(11)}`);
  const answer = await galleryOf(store)(`/api/visit?key=${encodeURIComponent(keys[7])}`);
  assert.deepEqual(await answer.json(), { keys: keys.slice(0, 60) });
});
