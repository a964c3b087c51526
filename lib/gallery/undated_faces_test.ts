/** Faces without a date in their key: their order, how long a page waits for them, and the limits of a listing. */
import assert from "node:assert/strict";
import { keyOfFace, TestStore } from "../testing/gallery_store.ts";
import { inFullSuite } from "../testing/skip.ts";
import { DatedFaces } from "./dated_faces.ts";
import type { ListedFace } from "./shown_face.ts";
import { UndatedFaces } from "./undated_faces.ts";

const { signal } = new AbortController();
const NOON = Date.UTC(2026, 0, 31, 12);
const never = () => new Promise<void>(() => {});

function undatedOf(store: TestStore, { freshMs = 0, delay = never, onTooMany }: {
  freshMs?: number;
  delay?: () => Promise<void>;
  onTooMany?: (max: number) => void;
} = {}) {
  const faces = new UndatedFaces(store, { freshMs, onTooMany }, { nowMs: () => 0, delay });
  const dated = new DatedFaces(store, { utcMs: () => NOON, nowMs: () => 0 });
  return async () => {
    const days = await dated.timed(await dated.find({ signal }), { signal });
    return (await faces.next(days, { signal }))?.faces.map(({ key }) => key);
  };
}

Deno.test("faces with keys of month, day and year are sorted by the time of their upload", async () => {
  const store = new TestStore();
  const keys = ["12-31-2026-23-59-59", "12-31-2026-00-00-00", "01-01-2027-00-00-00"].map((time) =>
    `HW3/${time}_image.png`
  );
  keys.forEach((key, index) => store.objects.set(key, 10 - index));
  assert.deepEqual(await undatedOf(store)(), keys);
});

Deno.test("faces whose keys have a day and no time are sorted by the time of their upload", async () => {
  const store = new TestStore();
  const keys = ["2026-01-30/door/x.png", "2026-01-31/door/a.png", "2026-01-31/door/b.png"];
  keys.forEach((key, index) => store.objects.set(key, 3 - index));
  assert.deepEqual(await undatedOf(store)(), keys);
});

Deno.test("another listing has the known faces themselves, except those that were written again", async () => {
  const store = new TestStore(["a.png", "b.png"]);
  const known = new Map<string, ListedFace>();
  const options = { freshMs: 0, known: (key: string) => known.get(key) };
  const faces = new UndatedFaces(store, options, { nowMs: () => 0, delay: never });
  const list = async () => (await faces.next(undefined, { signal }))!.faces;
  for (const face of await list()) known.set(face.key, face);
  store.objects.set("b.png", NOON);
  const [b, a] = await list();
  assert.equal(a, known.get("a.png"));
  assert.deepEqual([b.key, b.writtenMs], ["b.png", NOON]);
});

Deno.test("undated faces are listed as soon as the store has any, and dated ones are none of them", async () => {
  for (const undated of ["a.png", "00/a.png"]) {
    const store = new TestStore([keyOfFace(NOON)]);
    const list = undatedOf(store);
    assert.deepEqual(await list(), []);
    store.objects.set(undated, NOON);
    assert.deepEqual(await list(), [undated]);
  }
});

Deno.test("concurrent pages share one listing", async () => {
  const store = new TestStore(Array.from({ length: 5_000 }, (_, index) => `HW3/${index}.png`));
  const list = undatedOf(store, { freshMs: 60_000 });
  const pages = await Promise.all([1, 2, 3].map(() => list()));
  assert.deepEqual(pages.map((keys) => keys?.length), [5_000, undefined, undefined], "one of them takes it");
  assert.equal(store.requests, 3 + 5, "three searches for days, one listing");
});

Deno.test("when the wait of a page ends it gets those found so far, and a later page all of them", async () => {
  const store = new TestStore();
  for (let index = 0; index < 3_000; index++) {
    store.objects.set(`HW3/${String(index).padStart(5, "0")}.png`, index);
  }
  const [blocked, unblocked] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  store.nextResponse = () => {
    blocked.resolve();
    return unblocked.promise;
  };
  let wait = blocked.promise;
  const list = undatedOf(store, { delay: () => wait });
  assert.equal((await list())![0], "HW3/00999.png");
  wait = never();
  unblocked.resolve();
  assert.equal((await list())![0], "HW3/02999.png");
});

Deno.test("a listing ends at its limit, which is reported once", inFullSuite(), async () => {
  let requests = 0;
  const reports: number[] = [];
  const store = new TestStore(["HW3/0.png"]);
  store.list = async function* () {
    for (let index = 0;; index++) {
      if (index % 1_000 === 0) requests++;
      yield { key: `HW3/${index}.png`, bytes: 1, writtenMs: index };
    }
  };
  const list = undatedOf(store, { onTooMany: (max) => reports.push(max) });
  assert.equal((await list())!.length, 100_000);
  await list();
  assert.deepEqual(reports, [250_000]);
  assert.ok(requests <= 502, `${requests} requests`);
});

Deno.test("more faces than are shown are reported, also where all objects are listed", async () => {
  const reports: number[] = [];
  const store = new TestStore(Array.from({ length: 100_001 }, (_, number) => `HW3/${number}.png`));
  const list = undatedOf(store, { onTooMany: (max) => reports.push(max) });
  assert.equal((await list())!.length, 100_000);
  assert.deepEqual(reports, [100_000]);
});

Deno.test("files of operating systems and oversized objects are no faces", async () => {
  const store = new TestStore([
    "a.png",
    "@eaDir/a.png",
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
  assert.deepEqual(await undatedOf(store)(), ["a.png"]);
});
