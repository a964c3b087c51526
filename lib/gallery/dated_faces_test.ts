/** Faces with a date in their key: how many requests a part of a large day takes, and which faces are recent. */
import assert from "node:assert/strict";
import { keyOfFace, TestStore } from "../testing/gallery_store.ts";
import { inFullSuite } from "../testing/skip.ts";
import { DatedFaces } from "./dated_faces.ts";
import type { ListedFace } from "./shown_face.ts";

const { signal } = new AbortController();
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NOON = Date.UTC(2026, 0, 31, 12);
const PAGE = 60;

const datedOf = (store: TestStore) => new DatedFaces(store, { utcMs: () => NOON, nowMs: () => 0 });
const keysOf = (faces: readonly ListedFace[]) => faces.map(({ key }) => key);

/** The keys of `count` faces at an interval, newest first. */
function facesEvery(stepMs: number, count: number, { newestMs = NOON } = {}): string[] {
  return Array.from(
    { length: count },
    (_, index) =>
      keyOfFace(newestMs - Math.floor(index * stepMs), "door", index.toString(16).padStart(12, "0")),
  );
}

/** The first faces of the newest day, in the order of their listing. */
async function newestOf(store: TestStore, count = PAGE): Promise<string[]> {
  const dated = datedOf(store);
  const days = await dated.find({ signal });
  const found: string[] = [];
  for await (const faces of dated.ofDay(days!.newest, { newest: days!.newest, signal })) {
    found.push(...keysOf(faces));
    if (found.length >= count) break;
  }
  return found.slice(0, count);
}

/** Polls for recent faces. */
class Recent {
  readonly #dated: DatedFaces;

  constructor(store: TestStore) {
    this.#dated = datedOf(store);
  }

  async keys(): Promise<string[]> {
    const days = await this.#dated.find({ signal });
    return days ? keysOf(await this.#dated.recent(days, { signal })) : [];
  }
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
  "the newest of 100,000 faces in a day, an hour or a second take few requests",
  inFullSuite(),
  async () => {
    for (const stepMs of [860, 36, 0.01]) {
      for (const newestMs of [NOON, NOON + 12 * HOUR - 1, NOON - 40 * DAY]) {
        const keys = facesEvery(stepMs, 100_000, { newestMs });
        const store = new TestStore(keys);
        assert.deepEqual(await newestOf(store), keys.toSorted().reverse().slice(0, PAGE), `${stepMs} ms`);
        // Faces up to now or to the end of their day are found directly, faces of another time by its hour and minute.
        // Of one second with 100,000 faces at most 20,000 are read per millisecond.
        assert.ok(store.requests <= (stepMs < 1 ? 40 : 9), `${stepMs} ms apart: ${store.requests} requests`);
      }
    }
  },
);

Deno.test("a face without a minute in its key stands between the faces of a crowded day", async () => {
  const keys = facesEvery(360, 20_000, { newestMs: NOON - 40 * DAY });
  const untimed = `${keys[0].slice(0, 11)}18_door.png`;
  const store = new TestStore([...keys, untimed]);
  store.objects.set(untimed, NOON);
  assert.equal((await newestOf(store))[0], untimed);
});

Deno.test("a server that lists folders only needs more requests for a day that ended early", async () => {
  const keys = facesEvery(360, 20_000, { newestMs: NOON - 40 * DAY });
  const store = new TestStore(keys);
  store.supportsDelimiters = false;
  assert.deepEqual(await newestOf(store), keys.toSorted().reverse().slice(0, PAGE));
  assert.ok(store.requests > 9 && store.requests <= 18, `${store.requests} requests`);
});

Deno.test("other files in the folder of a day delay its faces little", inFullSuite(), async () => {
  for (const name of ["aaa", "zzz", "17-00-00", "door/"]) {
    const faces = facesEvery(2 * MINUTE, 200);
    const others = Array.from({ length: 15_000 }, (_, index) => `2026-01-31/${name}${index}.txt`);
    const store = new TestStore([...faces, ...others]);
    assert.deepEqual(await newestOf(store), faces.slice(0, PAGE), name);
    assert.ok(store.requests <= 60, `${name}: ${store.requests} requests`);
  }
});

Deno.test("a day whose keys contain no time has no dated faces, and is found so by one listing", async () => {
  const store = new TestStore(Array.from({ length: 5_000 }, (_, index) => `2026-01-31/door/${index}.png`));
  const dated = datedOf(store);
  const days = await dated.find({ signal });
  assert.equal(await dated.timed(days, { signal }), undefined);
  assert.equal(store.requests, 2);
});

Deno.test("impossible days are no days", async () => {
  const store = new TestStore([
    "2026-02-31/00-00-00-000_a_0123456789ab.png",
    "2026-13-45/a.png",
    "1969-12-31/a.png",
  ]);
  assert.equal(await datedOf(store).find({ signal }), undefined);
});

Deno.test(
  "recent() finds each new face among 50,000 in few requests, and no other face",
  inFullSuite(),
  async () => {
    const store = new TestStore(facesEvery(36, 50_000, { newestMs: NOON - 1000 }));
    const recent = new Recent(store);
    const known = new Set(await recent.keys());
    for (let round = 0; round < 5; round++) {
      const fresh = keyOfFace(NOON + round, "new", round.toString(16).padStart(12, "f"));
      store.objects.set(fresh, 0);
      const before = store.requests;
      const keys = await recent.keys();
      assert.deepEqual(keys.filter((key) => !known.has(key)), [fresh]);
      assert.ok(store.requests - before <= 4, `${store.requests - before} requests`);
      for (const key of keys) known.add(key);
    }
  },
);

Deno.test("recent() contains a face that is stored late within the hour, in two requests", async () => {
  const store = new TestStore(facesEvery(MINUTE, 500));
  const recent = new Recent(store);
  const before = await recent.keys();
  const late = keyOfFace(NOON - 50 * MINUTE, "slow");
  store.objects.set(late, 0);
  const requestsBefore = store.requests;
  assert.deepEqual((await recent.keys()).filter((key) => !before.includes(key)), [late]);
  assert.ok(store.requests - requestsBefore <= 2, `${store.requests - requestsBefore} requests`);
});

Deno.test("recent() finds new faces although the clock of a camera or of the gallery is ahead", async () => {
  const ahead = new TestStore([keyOfFace(NOON + 300 * DAY, "ahead"), keyOfFace(NOON - MINUTE)]);
  const recent = new Recent(ahead);
  await recent.keys();
  ahead.objects.set(keyOfFace(NOON), 0);
  assert.ok((await recent.keys()).includes(keyOfFace(NOON)));

  const quiet = new TestStore([keyOfFace(NOON - 100 * DAY)]);
  const late = new Recent(quiet);
  await late.keys();
  quiet.objects.set(keyOfFace(NOON - 100 * DAY + MINUTE), 0);
  assert.equal((await late.keys()).length, 2);
});

Deno.test("recent() takes few requests in a store with many other objects", async () => {
  const store = new TestStore([...otherKeys(), ...facesEvery(HOUR, 100, { newestMs: NOON - 9 * DAY })]);
  const recent = new Recent(store);
  await recent.keys();
  const before = store.requests;
  await recent.keys();
  assert.ok(store.requests - before <= 12, `${store.requests - before} requests`);
});
