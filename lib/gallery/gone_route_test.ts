/** `/api/gone`: the faces that a page shows and the store no longer has. */
import assert from "node:assert/strict";
import { galleryOf, OWN_PAGE } from "../testing/gallery_requests.ts";
import { keyOfFace, TestStore } from "../testing/gallery_store.ts";
import { DAY_MS } from "./day_folders.ts";

const NOON = Date.UTC(2026, 0, 31, 12);

/** Asks a gallery. */
async function ask(
  gallery: ReturnType<typeof galleryOf>,
  keys: readonly string[],
  signal?: AbortSignal,
): Promise<unknown> {
  const response = await gallery("/api/gone", {
    method: "POST",
    headers: OWN_PAGE,
    body: JSON.stringify({ keys }),
    signal,
  });
  return await response.json();
}

Deno.test("/api/gone names what the store no longer has, also after a restart and of days not in memory", async () => {
  const keys = [0, 1, 2, 3].map((day) => keyOfFace(NOON - day * DAY_MS));
  const store = new TestStore([...keys, "mine/a.png", "2026-01-31/without-time.png"]);
  const held = [...keys, "mine/a.png", "mine/b.png", "2026-01-31/without-time.png", "../evil.png"];
  assert.deepEqual(await ask(galleryOf(store), held), {
    gone: ["mine/b.png", "../evil.png"],
  });
  store.objects.delete(keys[0]);
  store.objects.delete(keys[3]);
  assert.deepEqual(await ask(galleryOf(store), keys), { gone: [keys[0], keys[3]] });
});

Deno.test("/api/gone names the last face of a store", async () => {
  const key = keyOfFace(NOON);
  assert.deepEqual(await ask(galleryOf(new TestStore()), [key]), { gone: [key] });
});

Deno.test("/api/gone names no face that the store has while undated faces are listed, or when it fails", async () => {
  const undated = Array.from({ length: 2_000 }, (_, index) => `mine/${index}.png`);
  const store = new TestStore([keyOfFace(NOON), ...undated]);
  const release = Promise.withResolvers<void>();
  store.nextResponse = () => release.promise;
  const gallery = galleryOf(store);
  assert.deepEqual(await ask(gallery, ["mine/1.png", "mine/gone.png"]), { gone: ["mine/gone.png"] });
  release.resolve();
  store.failure = new Error("access denied");
  assert.deepEqual(await ask(galleryOf(store), ["mine/1.png"]), { error: "access denied" });
});

Deno.test("/api/gone names no face that was stored after the last listing of its day", async () => {
  const [first, late, deleted] = ["0", "1", "2"].map((digit) => keyOfFace(NOON, "door", digit.repeat(12)));
  const store = new TestStore([first]);
  const gallery = galleryOf(store);
  assert.deepEqual(await ask(gallery, [first]), { gone: [] });
  store.objects.set(late, 0);
  assert.deepEqual(await ask(gallery, [first, late, deleted]), { gone: [deleted] });
});

Deno.test("/api/gone lists only days that the store has, and of them not all", async () => {
  const keys = Array.from({ length: 1_000 }, (_, day) => keyOfFace(NOON - day * DAY_MS));
  const few = new TestStore(keys.slice(0, 2));
  assert.deepEqual(await ask(galleryOf(few), keys), { gone: keys.slice(2) });
  assert.ok(few.requests < 20, `${few.requests} listings`);
  const many = new TestStore(keys);
  assert.deepEqual(await ask(galleryOf(many), keys), { gone: [] });
  assert.ok(many.requests < 500, `${many.requests} listings`);
});

Deno.test("/api/gone asks the store for nothing more once the client has left", async () => {
  const client = new AbortController();
  let asked = 0;
  const store = new class extends TestStore {
    override size(key: string): Promise<number | undefined> {
      asked++;
      client.abort();
      return super.size(key);
    }
  }();
  const keys = Array.from({ length: 100 }, (_, number) => `${number}.png`);
  await ask(galleryOf(store), keys, client.signal);
  assert.equal(asked, 1);
});

Deno.test("/api/gone refuses a request that is no list of keys, or too long", async () => {
  const gallery = galleryOf(new TestStore());
  assert.match(JSON.stringify(await ask(gallery, [])), /should be/);
  const keys = Array.from({ length: 10_001 }, (_, index) => `${index}.png`);
  assert.match(JSON.stringify(await ask(gallery, keys)), /at most 10000/);
});
