/** Which keys faces get when a template gives several faces one key. */
import assert from "node:assert/strict";
import { ConfigError, RejectedMessageError } from "../errors.ts";
import { readFace } from "../face/face_file.ts";
import { KeyTemplate } from "../face/object_key.ts";
import { encodePng } from "../image/png.ts";
import { saveFace } from "./save_face.ts";
import { type Store, StoreError } from "./store.ts";
import { MemoryStore } from "../testing/memory_store.ts";
import { COURSE_KEY } from "../testing/course_key.ts";

const template = new KeyTemplate(COURSE_KEY);
const arrivedMs = Date.parse("2026-01-31T12:00:00Z");
const signal = new AbortController().signal;
const BASE = "HW3/01-31-2026-12-00-00_image";

/** Different faces of one size. */
const face = (number: number) =>
  readFace(encodePng({ width: 2, height: 1, rgb: Uint8Array.of(number >> 8, number, 0, 0, 0, 0) }));
const save = (store: Store, number: number) => saveFace(store, face(number), { template, arrivedMs, signal });
/** Another process on the same objects. */
const restarted = (store: MemoryStore) => {
  const other = new MemoryStore();
  for (const [key, bytes] of store.objects) other.objects.set(key, bytes);
  return other;
};

Deno.test("each of 359 faces with one key is put once, and none is overwritten", async () => {
  const store = new MemoryStore();
  const keys: string[] = [];
  for (let number = 1; number <= 359; number++) keys.push(await save(store, number));
  assert.deepEqual(keys.slice(0, 3), [`${BASE}.png`, `${BASE}_2.png`, `${BASE}_3.png`]);
  assert.equal(store.objects.size, 359);
  assert.equal(store.count("put"), 359);
  assert.ok(store.count("list") <= 1);
});

Deno.test("after a restart one rejected put and one listing find the next free name", async () => {
  const before = new MemoryStore();
  for (let number = 1; number <= 100; number++) await save(before, number);
  const store = restarted(before);
  for (let number = 101; number <= 110; number++) await save(store, number);
  assert.equal(store.objects.size, 110);
  assert.equal(store.count("put"), 11);
  assert.equal(store.count("list"), 1);
});

Deno.test("seventeen concurrent faces with one key get seventeen names", async () => {
  const store = new MemoryStore();
  const keys = await Promise.all(Array.from({ length: 17 }, (_, number) => save(store, number)));
  assert.equal(new Set(keys).size, 17);
  assert.equal(store.objects.size, 17);
});

Deno.test("the same face again is the same object, also after a restart and with any number", async () => {
  const before = new MemoryStore();
  const keys: string[] = [];
  for (let number = 1; number <= 20; number++) keys.push(await save(before, number));
  assert.equal(await save(before, 7), keys[6]);
  const store = restarted(before);
  assert.equal(await save(store, 20), keys[19]);
  assert.equal(await save(store, 1), keys[0]);
  assert.equal(store.objects.size, 20);
});

Deno.test("a face whose put failed, or whose answer was lost, keeps its name", async () => {
  const store = new MemoryStore();
  await save(store, 1);
  store.fault = (what, key) => {
    if (what !== "put") return;
    store.objects.set(key, face(2).bytes); // The object is stored, but the answer is lost.
    throw new StoreError("no answer", "store", "timeout");
  };
  for (let attempt = 0; attempt < 3; attempt++) await assert.rejects(save(store, 2), /no answer/);
  store.fault = () => {};
  assert.equal(await save(store, 3), `${BASE}_3.png`);
  assert.equal(await save(store, 2), `${BASE}_2.png`);
  assert.equal(store.objects.size, 3);
});

Deno.test("the 1,001st different face of one key is rejected, and the first thousand are still known", async () => {
  const store = new MemoryStore();
  for (let number = 1; number <= 1_000; number++) await save(store, number);
  await assert.rejects(
    save(store, 1_001),
    (error) =>
      error instanceof RejectedMessageError && /1000 different faces have the key "HW3/.test(error.message),
  );
  assert.equal(await save(store, 1_000), `${BASE}_1000.png`);
  assert.equal(store.objects.size, 1_000);
});

for (const denied of ["answers HEAD with 404", "answers HEAD with 403, too"]) {
  Deno.test(`where listing is not allowed, names are looked up one by one; a store that ${denied}`, async () => {
    const before = new MemoryStore();
    for (let number = 1; number <= 30; number++) await save(before, number);
    before.objects.delete(`${BASE}_5.png`);
    const store = restarted(before);
    store.fault = (what, key) => {
      const isHidden = denied.endsWith("too") && what === "size" && !store.objects.has(key);
      if (what === "list" || isHidden) {
        throw new StoreError("403 AccessDenied", "object", "403 AccessDenied", 403);
      }
    };
    assert.equal(await save(store, 30), `${BASE}_30.png`, "found after the gap");
    assert.equal(await save(store, 31), `${BASE}_5.png`);
    assert.equal(await save(store, 32), `${BASE}_31.png`);
  });
}

Deno.test("the same face is recognized on a store that lists no sizes", async () => {
  const before = new MemoryStore();
  for (let number = 1; number <= 5; number++) await save(before, number);
  const store = restarted(before);
  const list = store.list.bind(store);
  store.list = async function* (options) {
    for await (const object of list(options)) yield { ...object, bytes: NaN };
  };
  assert.equal(await save(store, 4), `${BASE}_4.png`);
  assert.equal(store.objects.size, 5);
});

Deno.test("where reading is not allowed either, no second name is assigned", async () => {
  const store = new MemoryStore();
  store.fault = (what) => {
    if (what !== "put") throw new ConfigError("not allowed to read");
  };
  await save(store, 1);
  await assert.rejects(save(store, 2), /not allowed to read/);
});

Deno.test("names that other programs take are skipped", async () => {
  const store = new MemoryStore();
  await save(store, 1);
  await save(store, 2);
  store.objects.set(`${BASE}_3.png`, face(900).bytes);
  store.objects.set(`${BASE}_4.png`, face(901).bytes);
  assert.equal(await save(store, 3), `${BASE}_5.png`);
  assert.equal(store.objects.size, 5);
});

Deno.test("a store that rejects every name as taken uses no number up", async () => {
  const store = new MemoryStore();
  store.put = () => Promise.resolve(false);
  await assert.rejects(
    save(store, 1),
    (error) =>
      error instanceof StoreError && error.subject === "store" && /no such object/.test(error.message),
  );
  const honest = new MemoryStore();
  store.put = (...args) => honest.put(...args);
  assert.equal(await save(store, 1), `${BASE}.png`);
});

Deno.test("a name that shares its prefix with ten thousand objects is found without listing them all", async () => {
  const store = new MemoryStore();
  const fixed = new KeyTemplate("face.png");
  for (let number = 0; number < 20_000; number++) store.objects.set(`face-${number}.png`, face(1).bytes);
  const saveFixed = (number: number) => saveFace(store, face(number), { template: fixed, arrivedMs, signal });
  assert.equal(await saveFixed(1), "face.png");
  assert.equal(await saveFixed(2), "face_2.png");
});

Deno.test("objects that only look numbered do not count", async () => {
  const store = new MemoryStore();
  for (const key of ["_02.png", "_2.jpg", "_2x.png", "_.png", "_1.png", "s.png"]) {
    store.objects.set(BASE + key, face(500).bytes);
  }
  await save(store, 1);
  assert.equal(await save(store, 2), `${BASE}_2.png`);
});
