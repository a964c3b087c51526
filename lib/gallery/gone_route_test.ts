/** `/api/gone`: the faces that a page shows and the store no longer has. */
import assert from "node:assert/strict";
import { galleryOf, OWN_PAGE } from "../testing/gallery_requests.ts";
import { keyOfFace, TestStore } from "../testing/gallery_store.ts";
import { DAY_MS } from "./day_folders.ts";

const NOON = Date.UTC(2026, 0, 31, 12);

/** Asks a gallery. */
async function ask(gallery: ReturnType<typeof galleryOf>, keys: readonly string[]): Promise<unknown> {
  const response = await gallery("/api/gone", {
    method: "POST",
    headers: OWN_PAGE,
    body: JSON.stringify({ keys }),
  });
  return await response.json();
}

Deno.test("/api/gone names what the store no longer has, also after a restart and of days not in memory", async () => {
  const keys = [0, 1, 2, 3].map((day) => keyOfFace(NOON - day * DAY_MS));
  const store = new TestStore([...keys, "mine/a.png", "2026-01-31/without-time.png"]);
  const held = [...keys, "mine/a.png", "mine/b.png", "2026-01-31/without-time.png", "../evil.png"];
  assert.deepEqual(await ask(galleryOf(store), held), {
    gone: ["mine/b.png", "../evil.png"],
    complete: true,
  });
  store.objects.delete(keys[0]);
  store.objects.delete(keys[3]);
  assert.deepEqual(await ask(galleryOf(store), keys), { gone: [keys[0], keys[3]], complete: true });
});

Deno.test("/api/gone names the last face of a store", async () => {
  const key = keyOfFace(NOON);
  assert.deepEqual(await ask(galleryOf(new TestStore()), [key]), { gone: [key], complete: true });
});

Deno.test("/api/gone names no face as gone while undated faces are listed, or when the store fails", async () => {
  const undated = Array.from({ length: 2_000 }, (_, index) => `mine/${index}.png`);
  const store = new TestStore([keyOfFace(NOON), ...undated]);
  const release = Promise.withResolvers<void>();
  store.nextResponse = () => release.promise;
  const gallery = galleryOf(store);
  const keys = ["mine/1.png", "mine/gone.png"];
  assert.deepEqual(await ask(gallery, keys), { gone: [], complete: false });
  release.resolve();
  assert.deepEqual(await ask(gallery, keys), { gone: ["mine/gone.png"], complete: true });
  store.failure = new Error("access denied");
  assert.deepEqual(await ask(galleryOf(store), keys), { error: "access denied" });
});

Deno.test("/api/gone refuses a request that is no list of keys, or too long", async () => {
  const gallery = galleryOf(new TestStore());
  assert.match(JSON.stringify(await ask(gallery, [])), /should be/);
  const keys = Array.from({ length: 10_001 }, (_, index) => `${index}.png`);
  assert.match(JSON.stringify(await ask(gallery, keys)), /at most 10000/);
});
