/** Albums of large stores: many faces in a short time, and many other objects. */
import assert from "node:assert/strict";
import { keyOfFace, TestStore } from "../testing/gallery_store.ts";
import { inFullSuite } from "../testing/skip.ts";
import { Album, type AlbumOptions } from "./album.ts";
import type { Position } from "./shown_face.ts";

const { signal } = new AbortController();
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOON = Date.UTC(2026, 0, 31, 12);
const PAGE = 60;

const never = new Promise<void>(() => {});
/** An album whose pages wait for a listing to its end, unless `delay` ends earlier. */
const albumOf = (store: TestStore, delay: AlbumOptions["delay"] = () => never) =>
  new Album(store, { pageSize: PAGE, freshMs: 0, utcMs: () => NOON, nowMs: () => 0, delay });
const keysOf = (faces: readonly Position[]) => faces.map(({ key }) => key);

/** The keys of `count` faces at an interval, newest first. */
function facesEvery(stepMs: number, count: number, { newestMs = NOON } = {}): string[] {
  return Array.from(
    { length: count },
    (_, index) =>
      keyOfFace(newestMs - Math.floor(index * stepMs), "door", index.toString(16).padStart(12, "0")),
  );
}

/** Blocks listings of a store after their first response. Pages wait for a listing until it is blocked or complete. */
function blockedListing(store: TestStore) {
  const blocked = Promise.withResolvers<void>();
  const unblocked = Promise.withResolvers<void>();
  let wait = blocked.promise;
  store.nextResponse = () => {
    blocked.resolve();
    return unblocked.promise;
  };
  return {
    delay: () => wait,
    unblock() {
      wait = never;
      unblocked.resolve();
    },
  };
}

/** 20,000 keys at the top level of a bucket that sort before, between and after the folders of days. */
function otherKeys(): string[] {
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
  "the first page of 100,000 faces in a day, an hour or a second takes few requests",
  inFullSuite(),
  async () => {
    for (const stepMs of [864, 36, 0.01]) {
      for (const newestMs of [NOON, NOON - 12 * HOUR - 1, NOON - 40 * DAY]) {
        const keys = facesEvery(stepMs, 100_000, { newestMs });
        const store = new TestStore(keys);
        const page = await albumOf(store).page({ signal });
        assert.deepEqual(keysOf(page.faces), keys.toSorted().reverse().slice(0, PAGE), `${stepMs} ms`);
        // Faces up to now or to the end of their day are found directly, faces of another time by its hour and minute.
        // Of one second with 100,000 faces at most 20,000 are read per millisecond.
        const max = stepMs < 1 ? 40 : newestMs === NOON ? 4 : newestMs % DAY === DAY - 1 ? 3 : 9;
        assert.ok(store.requests <= max, `${stepMs} ms apart: ${store.requests} requests`);
      }
    }
  },
);

Deno.test("the first page of a few faces takes few requests, however long ago they were taken", async () => {
  for (const newestMs of [NOON - 3 * HOUR, NOON - 19 * HOUR, NOON - 40 * DAY]) {
    for (const [count, max] of [[200, 4], [3_000, 7]]) {
      const keys = facesEvery(HOUR / 2, count, { newestMs });
      const store = new TestStore(keys);
      assert.deepEqual(keysOf((await albumOf(store).page({ signal })).faces), keys.slice(0, PAGE));
      assert.ok(store.requests <= max, `${count} faces: ${store.requests} requests`);
    }
  }
});

Deno.test("a face without a minute in its key is shown between the faces of a crowded day", async () => {
  const keys = facesEvery(360, 20_000, { newestMs: NOON - 40 * DAY });
  const untimed = `${keys[0].slice(0, 11)}18_door.png`;
  const store = new TestStore([...keys, untimed]);
  store.objects.set(untimed, NOON);
  assert.equal((await albumOf(store).page({ signal })).faces[0].key, untimed);
});

Deno.test("a server that lists folders only needs more requests for a day that ended early", async () => {
  const keys = facesEvery(360, 20_000, { newestMs: NOON - 40 * DAY });
  const store = new TestStore(keys);
  store.supportsDelimiters = false;
  const page = await albumOf(store).page({ signal });
  assert.deepEqual(keysOf(page.faces), keys.toSorted().reverse().slice(0, PAGE));
  assert.ok(store.requests > 9 && store.requests <= 18, `${store.requests} requests`);
});

Deno.test("other files in the folder of a day delay its faces little", inFullSuite(), async () => {
  for (const name of ["aaa", "zzz", "17-00-00", "door/"]) {
    const faces = facesEvery(HOUR / 2, 200);
    const others = Array.from({ length: 15_000 }, (_, index) => `2026-01-30/${name}${index}.txt`);
    const store = new TestStore([...faces, ...others]);
    const page = await albumOf(store).page({ signal });
    assert.deepEqual(keysOf(page.faces), faces.slice(0, PAGE), name);
    assert.ok(store.requests <= 60, `${name}: ${store.requests} requests`);
  }
});

Deno.test("a day with many keys without a time is listed once", async () => {
  const keys = Array.from({ length: 5_000 }, (_, index) => `2026-01-31/door/${index}.png`);
  const store = new TestStore(keys);
  const { faces } = await albumOf(store).page({ signal });
  assert.equal(faces.length, PAGE);
  assert.ok(store.requests <= 4 + keys.length / 1_000, `${store.requests} requests`);
});

Deno.test(
  "recent() finds each new face among 50,000 in few requests, and no other face",
  inFullSuite(),
  async () => {
    const store = new TestStore(facesEvery(36, 50_000, { newestMs: NOON - 1000 }));
    const album = albumOf(store);
    const known = new Set(keysOf(await album.recent({ signal })));
    for (let round = 0; round < 5; round++) {
      const fresh = keyOfFace(NOON + round, "new", round.toString(16).padStart(12, "f"));
      store.objects.set(fresh, 0);
      const before = store.requests;
      const recent = keysOf(await album.recent({ signal }));
      assert.deepEqual(recent.filter((key) => !known.has(key)), [fresh]);
      assert.ok(store.requests - before <= 4, `${store.requests - before} requests`);
      for (const key of recent) known.add(key);
    }
  },
);

Deno.test("ten concurrent requests for a page take the work of two", async () => {
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

Deno.test("a page shows dated faces without waiting for undated ones, which a later page shows", async () => {
  const faces = facesEvery(HOUR, 100);
  const undated = "HW3/01-31-2026-11-30-00_image.png";
  const store = new TestStore([...otherKeys(), ...faces]);
  store.objects.set(undated, NOON - HOUR / 2);
  const listing = blockedListing(store);
  const album = albumOf(store, listing.delay);
  const page = await album.page({ signal });
  assert.deepEqual(keysOf(page.faces), faces.slice(0, PAGE));
  assert.ok(page.more);
  assert.ok(store.requests <= 25, `${store.requests} requests`);
  const before = store.requests;
  const older = await album.page({ before: page.faces.at(-1), signal });
  assert.deepEqual(keysOf(older.faces).slice(0, 40), faces.slice(PAGE));
  assert.ok(store.requests - before <= 50, `${store.requests - before} requests to the end of the store`);
  assert.ok(!keysOf(await album.recent({ signal })).includes(undated));

  listing.unblock();
  const found = keysOf((await album.page({ signal })).faces);
  assert.deepEqual(found.filter((key) => !key.startsWith("2026") && !/\d+$|IMG/.test(key)), [undated]);
});

Deno.test("recent() takes few requests in a store with many other objects", async () => {
  const store = new TestStore([...otherKeys(), ...facesEvery(HOUR, 100, { newestMs: NOON - 9 * DAY })]);
  const album = albumOf(store);
  await album.recent({ signal });
  const before = store.requests;
  await album.recent({ signal });
  assert.ok(store.requests - before <= 12, `${store.requests - before} requests`);
});

Deno.test("in a store without dated faces a page shows those found so far when its wait ends", async () => {
  const store = new TestStore();
  for (let index = 0; index < 3_000; index++) {
    store.objects.set(`HW3/${String(index).padStart(5, "0")}.png`, index);
  }
  const listing = blockedListing(store);
  const album = albumOf(store, listing.delay);
  assert.equal((await album.page({ signal })).faces[0].ms, 999);
  listing.unblock();
  assert.equal((await album.page({ signal })).faces[0].ms, 2_999);
});

Deno.test("a listing ends at its limit, which is reported once", inFullSuite(), async () => {
  let requests = 0;
  const reports: number[] = [];
  const store = new TestStore();
  store.list = async function* () {
    for (let index = 0;; index++) {
      if (index % 1_000 === 0) requests++;
      yield { key: `HW3/${index}.png`, bytes: 1, writtenMs: index };
    }
  };
  const album = new Album(store, { pageSize: PAGE, freshMs: 0, onTooMany: (max) => reports.push(max) });
  const { faces } = await album.page({ signal });
  assert.equal(faces.length, PAGE);
  await album.page({ signal });
  assert.deepEqual(reports, [250_000]);
  assert.ok(requests <= 502, `${requests} requests`);
});

Deno.test("files of operating systems and oversized objects are not shown", async () => {
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
