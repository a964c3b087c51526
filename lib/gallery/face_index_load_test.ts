/** How often the index of faces asks its store, and what it forgets. */
import assert from "node:assert/strict";
import { keyOfFace } from "../testing/gallery_store.ts";
import { DAY, IndexScene, MIDNIGHT, MINUTE, never, NOON, TODAY } from "../testing/index_scene.ts";
import { inFullSuite } from "../testing/skip.ts";
import { visitFace } from "../testing/visit_faces.ts";

Deno.test(
  "the first page of 100,000 faces in a day takes few requests, and reads the metadata of its faces only",
  inFullSuite(),
  async () => {
    const scene = new IndexScene();
    scene.store.picture = visitFace({ ms: NOON }).bytes;
    for (let count = 0; count < 100_000; count++) {
      scene.store.objects.set(
        keyOfFace(MIDNIGHT + count * 864, "door", count.toString(16).padStart(12, "0")),
        0,
      );
    }
    assert.equal((await scene.visits()).length, 60);
    assert.ok(scene.store.requests <= 12, `${scene.store.requests} requests`);
    assert.ok(scene.store.parts <= 70, `${scene.store.parts} reads`);
  },
);

Deno.test("the time that listings take is part of what a page waits for metadata", async () => {
  for (const [tookMs, leftMs] of [[0, 600], [300, 300], [5_000, 200]]) {
    const waits: number[] = [];
    const delay = (ms: number) => {
      waits.push(ms);
      return never();
    };
    const scene = new IndexScene({ delay });
    scene.add({ ms: NOON });
    const { fewNames } = scene.store;
    scene.store.fewNames = (options) => {
      scene.nowMs += tookMs;
      return fewNames.call(scene.store, options);
    };
    await scene.visits();
    assert.ok(waits.includes(leftMs), `${waits}`);
  }
});

Deno.test("while a page is open a poll takes one request, and finds the first face of a new day", async () => {
  const scene = new IndexScene();
  scene.add({ ms: NOON });
  await scene.visits();
  await scene.poll();
  const before = scene.store.requests;
  for (let count = 0; count < 10; count++) await scene.poll();
  assert.equal(scene.store.requests - before, 10);
  scene.nowMs += DAY / 2;
  await scene.poll();
  const first = scene.add({ ms: NOON + DAY / 2 + 1_000 });
  assert.deepEqual((await scene.poll()).visits, [[first]]);
  const second = scene.add({ ms: NOON + DAY / 2 + 2_000 });
  assert.deepEqual((await scene.poll()).visits, [[second]]);
});

Deno.test("a day of 5,000 faces is listed again in few requests", async () => {
  const scene = new IndexScene();
  const keys = Array.from({ length: 5_000 }, (_, index) => keyOfFace(MIDNIGHT + index * 5_000));
  for (const key of keys) scene.store.objects.set(key, 0);
  assert.equal((await scene.queries.day(TODAY)).faces, 5_000);
  await scene.poll();
  scene.store.objects.delete(keys[7]);
  scene.nowMs += MINUTE;
  const before = scene.store.requests;
  assert.equal((await scene.queries.day(TODAY)).faces, 4_999);
  assert.ok(scene.store.requests - before <= 8, `${scene.store.requests - before} requests`);
});

Deno.test("the first face of an empty store arrives at the next poll", async () => {
  const scene = new IndexScene();
  await scene.visits();
  await scene.poll();
  const first = scene.add({ ms: NOON });
  assert.deepEqual((await scene.poll()).visits, [[first]]);
});

Deno.test("days that were used longest ago are forgotten beyond a number of faces", async () => {
  const scene = new IndexScene({ maxFaces: 50 });
  const days = [0, 1, 2, 3, 4, 5].map((day) => ({
    from: MIDNIGHT - day * DAY,
    to: MIDNIGHT - (day - 1) * DAY,
    cameras: [],
  }));
  for (const { from } of days) {
    for (let count = 0; count < 20; count++) scene.store.objects.set(keyOfFace(from + count * 5_000), 0);
  }
  for (const day of days) assert.equal((await scene.queries.day(day)).faces, 20);
  const isOpen = days.map(({ from }) => scene.index.find(keyOfFace(from)) !== undefined);
  assert.deepEqual(isOpen, [false, false, false, true, true, true]);
});
