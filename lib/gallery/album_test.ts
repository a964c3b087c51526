import assert from "node:assert/strict";
import { delay } from "../async/delay.ts";
import { Album } from "./album.ts";
import type { Place, ShownFace } from "./shown_face.ts";
import { keyOfFace, TestStore } from "../testing/gallery_store.ts";

const { signal } = new AbortController();
const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
const NOON = Date.UTC(2026, 0, 31, 12);

/** All pages one after the other, and how many requests the dearest one took. */
async function leafThrough(album: Album, store: TestStore): Promise<{ keys: string[]; dearest: number }> {
  const keys: string[] = [];
  let before: Place | undefined;
  let dearest = 0;
  for (let more = true; more;) {
    const requestsBefore = store.requests;
    const page = await album.page({ before, signal });
    keys.push(...page.faces.map(({ key }) => key));
    before = page.faces.at(-1);
    more = page.more && keys.length <= store.objects.size;
    dearest = Math.max(dearest, store.requests - requestsBefore);
  }
  return { keys, dearest };
}

const albumOf = (store: TestStore, pageSize = 60) =>
  new Album(store, { pageSize, freshMs: 0, now: () => NOON });
const keysOf = (faces: readonly ShownFace[]) => faces.map(({ key }) => key).sort();

Deno.test("pages hold every dated face once, newest first, and never list the whole store", async () => {
  const store = new TestStore();
  for (let count = 0; count < 20_000; count++) store.objects.set(keyOfFace(NOON - count * 9_000), 0);
  const { keys, dearest } = await leafThrough(albumOf(store, 500), store);
  assert.deepEqual(keys, [...store.objects.keys()]);
  assert.ok(dearest <= 8, `a page took ${dearest} requests; the store holds 20`);
});

Deno.test("a crowded day behind a quiet month costs few requests", async () => {
  const store = new TestStore();
  for (let day = 0; day < 30; day++) store.objects.set(keyOfFace(NOON - day * DAY), 0);
  for (let count = 0; count < 20_000; count++) {
    store.objects.set(keyOfFace(NOON - 31 * DAY - count * 4_000), 0);
  }
  await albumOf(store).page({ signal });
  assert.ok(store.requests <= 30, `${store.requests} requests`);
});

Deno.test("a store with a face a week costs few requests", async () => {
  const store = new TestStore();
  for (let week = 0; week < 200; week++) store.objects.set(keyOfFace(NOON - week * 7 * DAY), 0);
  const { keys, dearest } = await leafThrough(albumOf(store), store);
  assert.deepEqual(keys, [...store.objects.keys()]);
  assert.ok(dearest <= 16, `${dearest} requests`);
});

Deno.test("more faces in one millisecond than a page holds are all shown", async () => {
  const hashes = Array.from({ length: 25 }, (_, index) => index.toString(16).padStart(12, "0"));
  const store = new TestStore(hashes.map((hash) => keyOfFace(NOON, "door", hash)));
  const { keys } = await leafThrough(albumOf(store, 10), store);
  assert.deepEqual(keys, [...store.objects.keys()].reverse());
});

Deno.test("boards without a clock, and folders of days that never were, do no harm", async () => {
  const odd = ["2026-02-31/00-00-00-000_a_0123456789ab.png", "2026-13-45/a.png", "1969-12-31/a.png"];
  const store = new TestStore([
    keyOfFace(0),
    keyOfFace(5),
    keyOfFace(NOON),
    "9999-12-31/23-59-59-999_a.png",
    ...odd,
  ]);
  const { keys } = await leafThrough(albumOf(store, 2), store);
  assert.deepEqual(keys.filter((key) => !odd.includes(key)), [
    "9999-12-31/23-59-59-999_a.png",
    keyOfFace(NOON),
    keyOfFace(5),
    keyOfFace(0),
  ]);
});

Deno.test("keys of the homework are shown by when they were written", async () => {
  const store = new TestStore();
  store.objects.set("HW3/01-01-2027-00-00-00_image.png", 3);
  store.objects.set("HW3/12-31-2026-00-00-00_image.png", 1);
  store.objects.set("HW3/12-31-2026-23-59-59_image.png", 2);
  const { keys } = await leafThrough(albumOf(store, 2), store);
  assert.deepEqual(keys.map((key) => key.slice(4, 14)), ["01-01-2027", "12-31-2026", "12-31-2026"]);
  assert.equal(keys[1], "HW3/12-31-2026-23-59-59_image.png");
});

Deno.test("days whose keys go on without the time are shown by when they were written", async () => {
  const store = new TestStore();
  store.objects.set("2026-01-30/door/x.png", 3);
  store.objects.set("2026-01-31/door/a.png", 2);
  store.objects.set("2026-01-31/door/b.png", 1);
  const { keys } = await leafThrough(albumOf(store, 2), store);
  assert.deepEqual(keys, ["2026-01-30/door/x.png", "2026-01-31/door/a.png", "2026-01-31/door/b.png"]);
  assert.deepEqual(keysOf(await albumOf(store).recent({ signal })), keys.toSorted());
});

Deno.test("others are listed as soon as there are any beside the days", async () => {
  for (const other of ["a.png", "00/a.png"]) {
    const store = new TestStore([keyOfFace(NOON)]);
    const album = albumOf(store);
    assert.deepEqual(keysOf((await album.page({ signal })).faces), [keyOfFace(NOON)]);
    store.objects.set(other, NOON);
    assert.deepEqual(keysOf((await album.page({ signal })).faces), [keyOfFace(NOON), other].sort());
  }
});

Deno.test("dated and other keys in one store make one order", async () => {
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
  const { keys } = await leafThrough(albumOf(store, 7), store);
  assert.deepEqual(keys, expected);
});

Deno.test("recent() holds what comes late within the hour, for one more request", async () => {
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

Deno.test("recent() is not deceived by a camera whose clock is ahead, or by an own clock that is", async () => {
  const ahead = new TestStore([keyOfFace(NOON + 300 * DAY, "ahead"), keyOfFace(NOON - MINUTE)]);
  const album = albumOf(ahead);
  await album.recent({ signal });
  ahead.objects.set(keyOfFace(NOON), 0);
  assert.ok(keysOf(await album.recent({ signal })).includes(keyOfFace(NOON)));

  const quiet = new TestStore([keyOfFace(NOON - 100 * DAY)]);
  const own = albumOf(quiet);
  await own.recent({ signal });
  quiet.objects.set(keyOfFace(NOON - 100 * DAY + MINUTE), 0);
  assert.equal((await own.recent({ signal })).length, 2);
});

Deno.test("the first face of an empty store is recent, whatever its clock says", async () => {
  for (const key of [keyOfFace(0), keyOfFace(NOON + DAY), "HW3/a.png", "2026-01-31/door/a.png"]) {
    const store = new TestStore();
    const album = albumOf(store);
    const beganMs = performance.now();
    assert.deepEqual(await album.recent({ signal }), []);
    await delay(10 * (performance.now() - beganMs) + 5); // A listing is good for ten times as long as it took.
    store.objects.set(key, 0);
    assert.deepEqual(keysOf(await album.recent({ signal })), [key]);
  }
});

Deno.test("who asks for a listing of everything at the same time shares it", async () => {
  const store = new TestStore(Array.from({ length: 5_000 }, (_, index) => `HW3/${index}.png`));
  const album = new Album(store, { pageSize: 10, freshMs: 60_000 });
  const pages = await Promise.all([1, 2, 3].map(() => album.page({ signal })));
  assert.deepEqual(pages.map(({ faces }) => faces.length), [10, 10, 10]);
  assert.equal(store.requests, 2 + 5, "two looks for days, one listing");
});
