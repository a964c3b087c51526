/** The order of faces on the pages of an album, and which faces are new. */
import assert from "node:assert/strict";
import { keyOfFace, TestStore } from "../testing/gallery_store.ts";
import { Album } from "./album.ts";
import type { Position, ShownFace } from "./shown_face.ts";

const { signal } = new AbortController();
const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
const NOON = Date.UTC(2026, 0, 31, 12);

/** Reads all pages. Returns their keys and the maximum number of requests for one page. */
async function readAll(album: Album, store: TestStore): Promise<{ keys: string[]; maxRequests: number }> {
  const keys: string[] = [];
  let before: Position | undefined;
  let maxRequests = 0;
  for (let more = true; more;) {
    const requestsBefore = store.requests;
    const page = await album.page({ before, signal });
    keys.push(...page.faces.map(({ key }) => key));
    before = page.faces.at(-1);
    more = page.more && keys.length <= store.objects.size;
    maxRequests = Math.max(maxRequests, store.requests - requestsBefore);
  }
  return { keys, maxRequests };
}

const albumOf = (store: TestStore, pageSize = 60) =>
  new Album(store, { pageSize, freshMs: 0, utcMs: () => NOON, nowMs: () => 0 });
const keysOf = (faces: readonly ShownFace[]) => faces.map(({ key }) => key).sort();

Deno.test("pages contain each dated face once, newest first, and no page lists the whole store", async () => {
  const store = new TestStore();
  for (let count = 0; count < 20_000; count++) store.objects.set(keyOfFace(NOON - count * 9_000), 0);
  const { keys, maxRequests } = await readAll(albumOf(store, 500), store);
  assert.deepEqual(keys, [...store.objects.keys()]);
  assert.ok(maxRequests <= 8, `${maxRequests} requests for a page; the whole store takes 20`);
});

Deno.test("a day of 20,000 faces before a month with one face a day takes few requests", async () => {
  const store = new TestStore();
  for (let day = 0; day < 30; day++) store.objects.set(keyOfFace(NOON - day * DAY), 0);
  for (let count = 0; count < 20_000; count++) {
    store.objects.set(keyOfFace(NOON - 31 * DAY - count * 4_000), 0);
  }
  await albumOf(store).page({ signal });
  assert.ok(store.requests <= 30, `${store.requests} requests`);
});

Deno.test("a store with one face a week takes few requests", async () => {
  const store = new TestStore();
  for (let week = 0; week < 200; week++) store.objects.set(keyOfFace(NOON - week * 7 * DAY), 0);
  const { keys, maxRequests } = await readAll(albumOf(store), store);
  assert.deepEqual(keys, [...store.objects.keys()]);
  assert.ok(maxRequests <= 16, `${maxRequests} requests`);
});

Deno.test("faces of the same millisecond are all shown when they exceed a page", async () => {
  const hashes = Array.from({ length: 25 }, (_, index) => index.toString(16).padStart(12, "0"));
  const store = new TestStore(hashes.map((hash) => keyOfFace(NOON, "door", hash)));
  const { keys } = await readAll(albumOf(store, 10), store);
  assert.deepEqual(keys, [...store.objects.keys()].reverse());
});

Deno.test("times of 1970 and folders of impossible days do not hide other faces", async () => {
  const odd = ["2026-02-31/00-00-00-000_a_0123456789ab.png", "2026-13-45/a.png", "1969-12-31/a.png"];
  const store = new TestStore([
    keyOfFace(0),
    keyOfFace(5),
    keyOfFace(NOON),
    "9999-12-31/23-59-59-999_a.png",
    ...odd,
  ]);
  const { keys } = await readAll(albumOf(store, 2), store);
  assert.deepEqual(keys.filter((key) => !odd.includes(key)), [
    "9999-12-31/23-59-59-999_a.png",
    keyOfFace(NOON),
    keyOfFace(5),
    keyOfFace(0),
  ]);
});

Deno.test("faces with keys of month, day and year are sorted by the time of their upload", async () => {
  const store = new TestStore();
  store.objects.set("HW3/01-01-2027-00-00-00_image.png", 3);
  store.objects.set("HW3/12-31-2026-00-00-00_image.png", 1);
  store.objects.set("HW3/12-31-2026-23-59-59_image.png", 2);
  const { keys } = await readAll(albumOf(store, 2), store);
  assert.deepEqual(keys.map((key) => key.slice(4, 14)), ["01-01-2027", "12-31-2026", "12-31-2026"]);
  assert.equal(keys[1], "HW3/12-31-2026-23-59-59_image.png");
});

Deno.test("faces whose keys have a day and no time are sorted by the time of their upload", async () => {
  const store = new TestStore();
  store.objects.set("2026-01-30/door/x.png", 3);
  store.objects.set("2026-01-31/door/a.png", 2);
  store.objects.set("2026-01-31/door/b.png", 1);
  const { keys } = await readAll(albumOf(store, 2), store);
  assert.deepEqual(keys, ["2026-01-30/door/x.png", "2026-01-31/door/a.png", "2026-01-31/door/b.png"]);
  assert.deepEqual(keysOf(await albumOf(store).recent({ signal })), keys.toSorted());
});

Deno.test("undated faces are listed as soon as the store has any", async () => {
  for (const undated of ["a.png", "00/a.png"]) {
    const store = new TestStore([keyOfFace(NOON)]);
    const album = albumOf(store);
    assert.deepEqual(keysOf((await album.page({ signal })).faces), [keyOfFace(NOON)]);
    store.objects.set(undated, NOON);
    assert.deepEqual(keysOf((await album.page({ signal })).faces), [keyOfFace(NOON), undated].sort());
  }
});

Deno.test("dated and undated faces are merged into one order", async () => {
  const store = new TestStore();
  const expected: string[] = [];
  for (let count = 0; count < 50; count++) {
    const ms = NOON - count * MINUTE;
    const key = [keyOfFace(ms), `HW3/${count}.png`, `00/${count}.png`][count % 3];
    store.objects.set(key, ms);
    expected.push(key);
  }
  // The same moment under both kinds of key, at the end of a page.
  store.objects.set("HW3/same.png", NOON - 6 * MINUTE);
  expected.splice(6, 0, "HW3/same.png");
  const { keys } = await readAll(albumOf(store, 7), store);
  assert.deepEqual(keys, expected);
});

Deno.test("recent() contains a face that is stored late within the hour, in two requests", async () => {
  const store = new TestStore();
  for (let count = 0; count < 500; count++) store.objects.set(keyOfFace(NOON - count * MINUTE), 0);
  const album = albumOf(store);
  const before = keysOf(await album.recent({ signal }));
  const late = keyOfFace(NOON - 50 * MINUTE, "slow");
  store.objects.set(late, 0);
  const requestsBefore = store.requests;
  const now = keysOf(await album.recent({ signal }));
  assert.deepEqual(now.filter((key) => !before.includes(key)), [late]);
  assert.ok(store.requests - requestsBefore <= 2, `${store.requests - requestsBefore} requests`);
});

Deno.test("recent() finds new faces although the clock of a camera or of the gallery is ahead", async () => {
  const ahead = new TestStore([keyOfFace(NOON + 300 * DAY, "ahead"), keyOfFace(NOON - MINUTE)]);
  const album = albumOf(ahead);
  await album.recent({ signal });
  ahead.objects.set(keyOfFace(NOON), 0);
  assert.ok(keysOf(await album.recent({ signal })).includes(keyOfFace(NOON)));

  const quiet = new TestStore([keyOfFace(NOON - 100 * DAY)]);
  const late = albumOf(quiet);
  await late.recent({ signal });
  quiet.objects.set(keyOfFace(NOON - 100 * DAY + MINUTE), 0);
  assert.equal((await late.recent({ signal })).length, 2);
});

Deno.test("the first face of an empty store is recent, at any capture time", async () => {
  for (const key of [keyOfFace(0), keyOfFace(NOON + DAY), "HW3/a.png", "2026-01-31/door/a.png"]) {
    const store = new TestStore();
    const album = albumOf(store);
    assert.deepEqual(await album.recent({ signal }), []);
    store.objects.set(key, 0);
    assert.deepEqual(keysOf(await album.recent({ signal })), [key]);
  }
});

Deno.test("concurrent pages share one listing of undated faces", async () => {
  const store = new TestStore(Array.from({ length: 5_000 }, (_, index) => `HW3/${index}.png`));
  const album = new Album(store, { pageSize: 10, freshMs: 60_000 });
  const pages = await Promise.all([1, 2, 3].map(() => album.page({ signal })));
  assert.deepEqual(pages.map(({ faces }) => faces.length), [10, 10, 10]);
  assert.equal(store.requests, 2 + 5, "two searches for days, one listing");
});
