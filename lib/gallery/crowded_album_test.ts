/** Albums of stores that hold more than a page of faces now and then. */
import assert from "node:assert/strict";
import { Album } from "./album.ts";
import type { Place } from "./shown_face.ts";
import { keyOfFace, TestStore } from "../testing/gallery_store.ts";
import { inFullSuite } from "../testing/skip.ts";

const { signal } = new AbortController();
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOON = Date.UTC(2026, 0, 31, 12);
const PAGE = 60;

const albumOf = (store: TestStore, patienceMs = { besideDated: 1, alone: 5_000 }) =>
  new Album(store, { pageSize: PAGE, freshMs: 0, now: () => NOON, patienceMs });
const keysOf = (faces: readonly Place[]) => faces.map(({ key }) => key);

/** `count` faces one after the other, the newest one first. */
function facesEvery(stepMs: number, count: number, { newestMs = NOON } = {}): string[] {
  return Array.from(
    { length: count },
    (_, index) =>
      keyOfFace(newestMs - Math.floor(index * stepMs), "door", index.toString(16).padStart(12, "0")),
  );
}

/** 20,000 objects as other programs leave them at the top of a bucket, around and between the folders of days. */
function foreignKeys(): string[] {
  return Array.from({ length: 5_000 }, (_, index) => {
    const day = new Date(NOON - (index % 10) * DAY).toISOString().slice(0, 10);
    return [
      `IMG_${index}.jpg`,
      `${index}.txt`,
      `${day.replaceAll("-", "")}_${index}.jpg`,
      `${day}-12-00-00-${index}F`,
    ];
  }).flat();
}

Deno.test(
  "a day, an hour or a second of 100,000 faces shows its first page after few requests",
  inFullSuite(),
  async () => {
    for (const stepMs of [864, 36, 0.01]) {
      for (const newestMs of [NOON, NOON - 12 * HOUR - 1, NOON - 40 * DAY]) {
        const keys = facesEvery(stepMs, 100_000, { newestMs });
        const store = new TestStore(keys);
        const page = await albumOf(store).page({ signal });
        assert.deepEqual(keysOf(page.faces), keys.toSorted().reverse().slice(0, PAGE), `${stepMs} ms`);
        // Faces up to now, or up to the end of their day, are found at once; others are searched for. Of a second with
        // 100,000 faces at most 20,000 are read for each millisecond.
        const max = newestMs === NOON ? 4 : stepMs < 1 ? 40 : newestMs % DAY === DAY - 1 ? 3 : 18;
        assert.ok(store.requests <= max, `${stepMs} ms apart: ${store.requests} requests`);
      }
    }
  },
);

Deno.test("foreign files within a day delay its faces little", inFullSuite(), async () => {
  for (const name of ["aaa", "zzz", "17-00-00", "door/"]) {
    const faces = facesEvery(HOUR / 2, 200);
    const foreign = Array.from({ length: 15_000 }, (_, index) => `2026-01-30/${name}${index}.txt`);
    const store = new TestStore([...faces, ...foreign]);
    const page = await albumOf(store).page({ signal });
    assert.deepEqual(keysOf(page.faces), faces.slice(0, PAGE), name);
    assert.ok(store.requests <= 60, `${name}: ${store.requests} requests`);
  }
});

Deno.test("a crowded day whose keys do not tell the time is not searched by it", async () => {
  const keys = Array.from({ length: 5_000 }, (_, index) => `2026-01-31/door/${index}.png`);
  const store = new TestStore(keys);
  const { faces } = await albumOf(store).page({ signal });
  assert.equal(faces.length, PAGE);
  assert.ok(store.requests <= 4 + keys.length / 1_000, `${store.requests} requests`);
});

Deno.test(
  "what is new in a crowd is found with few requests, and nothing else is taken for new",
  inFullSuite(),
  async () => {
    const store = new TestStore(facesEvery(36, 50_000, { newestMs: NOON - 1000 }));
    const album = albumOf(store);
    const known = new Set(keysOf(await album.recent({ signal })));
    for (let look = 0; look < 5; look++) {
      const fresh = keyOfFace(NOON + look, "new", look.toString(16).padStart(12, "f"));
      store.objects.set(fresh, 0);
      const before = store.requests;
      const recent = keysOf(await album.recent({ signal }));
      assert.deepEqual(recent.filter((key) => !known.has(key)), [fresh]);
      assert.ok(store.requests - before <= 4, `${store.requests - before} requests`);
      for (const key of recent) known.add(key);
    }
  },
);

Deno.test("ten who look at the same page at once cost two", async () => {
  const store = new TestStore(facesEvery(864, 10_000));
  const album = albumOf(store);
  await album.page({ signal });
  const before = store.requests;
  await album.page({ signal });
  const one = store.requests - before;
  await Promise.all(Array.from({ length: 10 }, () => album.page({ signal })));
  assert.ok(
    store.requests - before - one <= 2 * one,
    `${store.requests - before - one} requests, one takes ${one}`,
  );
});

Deno.test("dated faces are shown at once, whatever else lies in the store, and the others when they are found", async () => {
  const faces = facesEvery(HOUR, 100);
  const others = ["HW3/01-31-2026-11-30-00_image.png"];
  const store = new TestStore([...foreignKeys(), ...faces]);
  store.objects.set(others[0], NOON - HOUR / 2);
  const stuck = Promise.withResolvers<void>();
  store.answered = () => stuck.promise;
  const album = albumOf(store);
  const page = await album.page({ signal });
  assert.deepEqual(keysOf(page.faces), faces.slice(0, PAGE));
  assert.ok(page.more);
  assert.ok(store.requests <= 25, `${store.requests} requests`);
  const before = store.requests;
  const older = await album.page({ before: page.faces.at(-1), signal });
  assert.deepEqual(keysOf(older.faces).slice(0, 40), faces.slice(PAGE));
  assert.ok(store.requests - before <= 50, `${store.requests - before} requests to the end of the store`);
  assert.ok(!keysOf(await album.recent({ signal })).includes(others[0]));

  stuck.resolve();
  store.answered = () => Promise.resolve();
  let found: string[] = [];
  for (let tries = 0; tries < 1_000 && !found.includes(others[0]); tries++) {
    found = keysOf((await album.page({ signal })).faces);
  }
  assert.deepEqual(found.filter((key) => !key.startsWith("2026") && !/\d+$|IMG/.test(key)), others);
});

Deno.test("a look at a crowded store while somebody watches costs few requests", async () => {
  const store = new TestStore([...foreignKeys(), ...facesEvery(HOUR, 100, { newestMs: NOON - 9 * DAY })]);
  const album = albumOf(store, { besideDated: 5_000, alone: 5_000 });
  await album.recent({ signal });
  const before = store.requests;
  await album.recent({ signal });
  assert.ok(store.requests - before <= 12, `${store.requests - before} requests`);
});

Deno.test("a store of nothing but others shows the newest found so far when patience ends", async () => {
  const store = new TestStore();
  for (let index = 0; index < 3_000; index++) {
    store.objects.set(`HW3/${String(index).padStart(5, "0")}.png`, index);
  }
  const stuck = Promise.withResolvers<void>();
  store.answered = () => stuck.promise;
  const album = albumOf(store, { besideDated: 1, alone: 1 });
  assert.equal((await album.page({ signal })).faces[0].ms, 999);
  stuck.resolve();
  let newest = 0;
  for (let tries = 0; tries < 1_000 && newest < 2_999; tries++) {
    newest = (await album.page({ signal })).faces[0].ms;
  }
  assert.equal(newest, 2_999);
});

Deno.test("no more objects than a limit are looked at, and that is said once", inFullSuite(), async () => {
  let requests = 0;
  const told: number[] = [];
  const store = new TestStore();
  store.list = async function* () {
    for (let index = 0;; index++) {
      if (index % 1_000 === 0) requests++;
      yield { key: `HW3/${index}.png`, bytes: 1, writtenMs: index };
    }
  };
  const album = new Album(store, { pageSize: PAGE, freshMs: 0, onTooMany: (max) => told.push(max) });
  const { faces } = await album.page({ signal });
  assert.equal(faces.length, PAGE);
  await album.page({ signal });
  assert.deepEqual(told, [250_000]);
  assert.ok(requests <= 502, `${requests} requests`);
});

Deno.test("what systems keep for themselves, and what is too large for a face, is not shown", async () => {
  const store = new TestStore([
    "a.png",
    "@eaDir/a.png",
    "2026-01-31/._12-00-00-000_door_0123456789ab.png",
    "#recycle/b.png",
    ".c.png",
    "$RECYCLE.BIN/d.png",
    "lost+found/e.png",
    "System Volume Information/f.png",
  ]);
  const list = store.list.bind(store);
  store.list = async function* (options) {
    for await (const object of list(options)) yield object;
    if (!options.prefix) yield { key: "z.png", bytes: 2 ** 40, writtenMs: 0 };
  };
  assert.deepEqual(keysOf((await albumOf(store).page({ signal })).faces), ["a.png"]);
});
