/** The index of faces: what it learns from a store that changes. */
import assert from "node:assert/strict";
import { keyOfFace } from "../testing/gallery_store.ts";
import { DAY, HOUR, IndexScene, MIDNIGHT, MINUTE, never, NOON, TODAY } from "../testing/index_scene.ts";
import { settled } from "../testing/settled.ts";
import { TempFolder } from "../testing/temp_folder.ts";
import { CacheFolder } from "./cache_folder.ts";
import { IndexFiles } from "./index_files.ts";

Deno.test("a new face arrives with its visit, and so does the next one of the visit", async () => {
  const scene = new IndexScene();
  scene.add({ ms: NOON - HOUR });
  await scene.visits();
  await scene.poll();
  const first = scene.add({ ms: NOON, visit: 1 });
  assert.deepEqual((await scene.poll()).visits, [[first]]);
  const best = scene.add({ ms: NOON + 900, visit: 1, began: NOON, why: "best" });
  assert.deepEqual((await scene.poll()).visits, [[first, best]]);
  assert.deepEqual(await scene.poll(), { visits: [], removed: [], tooMany: false });
});

Deno.test("two visits with one number, of different runs or cameras, stay apart", async () => {
  const scene = new IndexScene();
  const keys = [
    scene.add({ ms: NOON, visit: 1 }),
    scene.add({ ms: NOON - 1_000, visit: 1 }),
    scene.add({ ms: NOON - 2_000, visit: 1, began: NOON - 1_000, camera: "yard" }),
  ];
  assert.deepEqual(await scene.visits(), keys.map((key) => [key]));
});

Deno.test("a face that another program removes is reported at the next poll, an older one with the next pass", async () => {
  const scene = new IndexScene();
  const [kept, recent, old] = [NOON - 1_000, NOON, NOON - 6 * HOUR].map((ms) => scene.add({ ms }));
  const oldest = scene.add({ ms: NOON - 30 * MINUTE });
  assert.deepEqual(await scene.visits(), [[recent], [kept], [oldest], [old]]);
  await scene.poll();
  for (const key of [recent, old]) scene.store.objects.delete(key);
  assert.deepEqual((await scene.poll()).removed, [recent]);
  scene.nowMs += MINUTE;
  await scene.poll();
  await settled();
  assert.deepEqual((await scene.poll()).removed, [old]);
  assert.deepEqual(scene.removed, [recent, old]);
  assert.deepEqual(await scene.visits(), [[kept], [oldest]]);
});

Deno.test("faces that were deleted are removed at once, also those of a day that is not open", async () => {
  const scene = new IndexScene();
  const [first, second] = [NOON, NOON - 1].map((ms) => scene.add({ ms, visit: 1, began: NOON - 1 }));
  await scene.visits();
  scene.index.changes.take();
  scene.store.objects.delete(first);
  scene.index.remove([first, "2026-01-01/gone.png"]);
  const { removed, groups, range } = scene.index.changes.take();
  assert.deepEqual(removed, [first, "2026-01-01/gone.png"]);
  assert.deepEqual([groups, range], [[], { from: NOON, to: NOON + 1 }]);
  assert.deepEqual(await scene.visits(), [[second]]);
});

Deno.test("a face that is stored late, or again under the same key, is a change", async () => {
  const scene = new IndexScene();
  const key = scene.add({ ms: NOON - 30 * MINUTE });
  scene.add({ ms: NOON });
  await scene.visits();
  await scene.poll();
  const late = scene.add({ ms: NOON - 20 * MINUTE });
  assert.deepEqual((await scene.poll()).visits, [[late]]);
  scene.store.objects.set(key, NOON);
  assert.deepEqual((await scene.poll()).visits, [[key]]);
});

Deno.test("a visit over midnight is one card where both days are shown, and no face is in no day", async () => {
  const scene = new IndexScene();
  const visit = { visit: 3, began: MIDNIGHT - 2_000 };
  const before = scene.add({ ms: MIDNIGHT - 1_000, ...visit });
  const after = scene.add({ ms: MIDNIGHT + 1_000, ...visit });
  const alone = scene.add({ ms: MIDNIGHT + 500, visit: 4, began: MIDNIGHT - 100 });
  const both = { from: MIDNIGHT - HOUR, to: MIDNIGHT + HOUR, cameras: [] };
  assert.deepEqual(await scene.visits(both), [[alone], [before, after]]);
  assert.deepEqual(await new IndexScene().visits(), []);
  const inDay = await scene.visits();
  assert.ok(inDay.flat().includes(alone));
});

Deno.test("metadata cannot move a visit out of the day of its face", async () => {
  const scene = new IndexScene();
  const key = scene.add({ ms: NOON, visit: 1, began: Date.UTC(1990, 0, 1) });
  const other = scene.add({ ms: NOON - 1, visit: 2, began: Date.UTC(2100, 0, 1) });
  const { visits } = await scene.queries.visits(TODAY, { limit: 60 });
  assert.deepEqual(visits.map(({ faces, ms }) => [faces[0].key, ms]), [[other, NOON - 1], [key, MIDNIGHT]]);
});

Deno.test("a face without a date in its key has the time of its capture, if that is plausible", async () => {
  const scene = new IndexScene();
  const [fine, never] = [NOON - 2 * DAY, Date.UTC(1970, 0, 1)].map((ms, index) => {
    const key = scene.add({ ms }, { key: `front/${index}.png` });
    scene.store.objects.set(key, NOON - index);
    return key;
  });
  const third = "front/third.png";
  scene.store.objects.set(third, NOON - 5);
  const earlier = { from: MIDNIGHT - 2 * DAY, to: MIDNIGHT - DAY, cameras: [] };
  // The first page shows them by the time of their upload, and reads their metadata.
  await scene.visits();
  assert.deepEqual(await scene.visits(earlier), [[fine]]);
  assert.deepEqual(await scene.visits(), [[never], [third]]);
});

Deno.test("a restart reads no face again, and a replaced one once", async () => {
  using folder = new TempFolder();
  const open = () => new IndexFiles(new CacheFolder(folder.path, { maxBytes: 2 ** 20 }), { delay: never });
  const files = open();
  const first = new IndexScene({ files });
  const keys = [1, 2, 3].map((visit) => first.add({ ms: NOON + visit, visit, score: 0.5 }));
  const expected = await first.queries.visits(TODAY, { limit: 60 });
  await files.close();

  const second = new IndexScene({ files: open() });
  for (const [key, ms] of first.store.objects) second.store.objects.set(key, ms);
  for (const [key, bytes] of first.store.pictures) second.store.pictures.set(key, bytes);
  assert.deepEqual(await second.queries.visits(TODAY, { limit: 60 }), expected);
  assert.equal(second.store.parts, 0);
  second.store.objects.set(keys[0], NOON + HOUR);
  second.nowMs += MINUTE;
  await second.visits();
  await second.poll();
  await settled();
  assert.equal(second.store.parts, 1);
});

Deno.test("a page does not wait for a store that does not send metadata, and events bring them", async () => {
  const late = Promise.withResolvers<void>();
  const scene = new IndexScene({ delay: () => late.promise });
  const keys = [0, 100].map((ms) => scene.add({ ms: NOON + ms, visit: 1, began: NOON }));
  const { part } = scene.store;
  const held = Promise.withResolvers<void>();
  scene.store.part = async (...options) => {
    await held.promise;
    return await part.apply(scene.store, options);
  };
  const page = scene.visits();
  await settled();
  late.resolve();
  assert.deepEqual(await page, [[keys[1]], [keys[0]]]);
  await scene.poll();
  held.resolve();
  await settled();
  assert.deepEqual((await scene.poll()).visits, [keys]);
});

Deno.test("a face that is opened is written to the index once, and is news for pages that lack its metadata", async () => {
  using folder = new TempFolder();
  const files = new IndexFiles(new CacheFolder(folder.path, { maxBytes: 2 ** 20 }), { delay: never });
  const scene = new IndexScene({ files, delay: () => Promise.resolve() });
  const { signal } = new AbortController();
  const key = scene.add({ ms: NOON, visit: 1 });
  const { part } = scene.store;
  scene.store.part = () => Promise.reject(new Error("the store is down"));
  await scene.visits();
  await scene.poll();
  scene.store.part = part;
  for (let count = 0; count < 3; count++) {
    assert.equal((await scene.queries.face(key, { signal }))!.visit!.detections, 1);
  }
  assert.deepEqual((await scene.poll()).visits, [[key]]);
  assert.deepEqual((await scene.poll()).visits, []);
  await files.close();
  assert.equal((await Deno.readTextFile(folder.at("2026-01-31.jsonl"))).trimEnd().split("\n").length, 1);
});

Deno.test("an object that cannot be read is tried three times, and shown without metadata", async () => {
  const scene = new IndexScene();
  const key = scene.add({ ms: NOON });
  let reads = 0;
  scene.store.part = () => {
    reads++;
    return Promise.reject(new Error("403"));
  };
  for (let round = 0; round < 6; round++) assert.deepEqual(await scene.visits(), [[key]]);
  assert.equal(reads, 3);
  assert.equal((await scene.queries.day(TODAY)).complete, true);
});

Deno.test("a store that fails while a day is listed fails the page, and not the next one", async () => {
  const scene = new IndexScene();
  for (let count = 0; count < 3_000; count++) scene.store.objects.set(keyOfFace(NOON - count * 10_000), 0);
  const { list } = scene.store;
  let lists = 0;
  scene.store.list = (options) => {
    if (++lists === 4) throw new Error("reset");
    return list.call(scene.store, options);
  };
  await assert.rejects(scene.visits(TODAY, 2_500), /reset/);
  scene.nowMs += 5_000;
  assert.equal((await scene.visits(TODAY, 2_500)).length, 2_500);
});
