/** The answers of `/api` about days, visits and faces. */
import assert from "node:assert/strict";
import { encodePng } from "../image/png.ts";
import { galleryOf } from "../testing/gallery_requests.ts";
import { TestStore } from "../testing/gallery_store.ts";
import { type TestFace, visitFace } from "../testing/visit_faces.ts";
import type { DayCounts } from "./visit_queries.ts";
import type { VisitView } from "./visit_view.ts";

const DAY_MS = 24 * 3_600_000;
const DAY = Date.UTC(2026, 0, 31);
const HOUR = 3_600_000;
const PNG = encodePng({ width: 1, height: 1, rgb: new Uint8Array(3) });

/** A store with these faces. Returns it with their keys in the same order. */
function storeOf(faces: readonly TestFace[]): { store: TestStore; keys: string[] } {
  const store = new TestStore();
  const keys = faces.map((face) => {
    const { key, bytes } = visitFace(face);
    store.objects.set(key, face.ms + 1_000);
    store.pictures.set(key, bytes);
    return key;
  });
  return { store, keys };
}

/** Two visits of `door`, one of `yard` and a picture without metadata, on one day. */
function someVisits() {
  const { store, keys } = storeOf([
    { ms: DAY + HOUR, visit: 1, began: DAY + HOUR - 200, score: 0.5, detections: 2 },
    { ms: DAY + HOUR + 900, visit: 1, began: DAY + HOUR - 200, score: 0.9, detections: 9, why: "best" },
    { ms: DAY + 2 * HOUR, visit: 1, camera: "yard", score: 0.4 },
    { ms: DAY + 3 * HOUR, visit: 2 },
  ]);
  const third = "2026-01-31/04-00-00-000_unknown_0123456789ab.png";
  store.objects.set(third, DAY + 4 * HOUR);
  store.pictures.set(third, PNG);
  return { store, keys: [...keys, third] };
}

const idsOf = (visits: readonly VisitView[]) => visits.map(({ faces }) => faces[0].key);
const range = (from = DAY, to = from + DAY_MS) => `from=${from}&to=${to}`;

Deno.test("/api/visits joins the faces of a visit, newest visit first", async () => {
  const { store, keys } = someVisits();
  const { visits, next } = await (await galleryOf(store)(`/api/visits?${range()}`)).json();
  assert.equal(next, null);
  assert.deepEqual(idsOf(visits), [keys[4], keys[3], keys[2], keys[0]]);
  const [third, , yard, door] = visits as VisitView[];
  assert.deepEqual(
    [third.id, third.camera, third.device, third.detections, third.count],
    [keys[4], "unknown", null, null, 1],
  );
  assert.deepEqual([third.ms, third.began, third.last], [DAY + 4 * HOUR, DAY + 4 * HOUR, DAY + 4 * HOUR]);
  assert.equal(yard.camera, "yard");
  assert.deepEqual(door.faces.map(({ key }) => key), keys.slice(0, 2));
  const { faces: [first, best], id: _, ...facts } = door;
  assert.deepEqual(facts, {
    camera: "door",
    device: "board_7",
    ms: DAY + HOUR - 200,
    began: DAY + HOUR - 200,
    last: DAY + HOUR + 900,
    detections: 9,
    count: 2,
    best: 1,
  });
  assert.deepEqual(best, {
    key: keys[1],
    url: `faces/${keys[1]}`,
    thumb: `thumbs/${keys[1]}`,
    ms: DAY + HOUR + 900,
    why: "best",
    score: 0.9,
    width: 2,
    height: 3,
    size: 1,
  });
  assert.equal(first.why, "first");
});

Deno.test("/api/visits has pages, cameras, and visits since a time", async () => {
  const { store, keys } = someVisits();
  const get = galleryOf(store);
  const page = async (query: string) => await (await get(`/api/visits?${range()}&${query}`)).json();
  const first = await page("limit=3");
  assert.deepEqual(idsOf(first.visits), [keys[4], keys[3], keys[2]]);
  const second = await page(`limit=3&before=${encodeURIComponent(first.next)}`);
  assert.deepEqual([idsOf(second.visits), second.next], [[keys[0]], null]);
  assert.deepEqual(idsOf((await page("camera=yard&camera=unknown")).visits), [keys[4], keys[2]]);
  assert.deepEqual(idsOf((await page(`since=${DAY + 2 * HOUR}`)).visits), [keys[4], keys[3]]);
  assert.deepEqual((await page(`since=${DAY + DAY_MS}`)).visits, []);
});

Deno.test("/api/day counts visits by quarter and camera", async () => {
  const { store } = someVisits();
  const get = galleryOf(store);
  await get(`/api/visits?${range()}`); // Reads all metadata.
  const { quarters, ...counts }: DayCounts = await (await get(`/api/day?${range()}`)).json();
  assert.deepEqual(counts, {
    store: "a test",
    from: DAY,
    to: DAY + DAY_MS,
    complete: true,
    faces: 5,
    visits: 4,
    cameras: [
      { name: "door", visits: 2, faces: 3 },
      { name: "unknown", visits: 1, faces: 1 },
      { name: "yard", visits: 1, faces: 1 },
    ],
    others: { cameras: 0, visits: 0 },
  });
  assert.equal(quarters.length, 96);
  const found = quarters.flatMap((count, index) => count > 0 ? [[index, count]] : []);
  assert.deepEqual(found, [[3, 1], [8, 1], [12, 1], [16, 1]]);
  const yard = await (await get(`/api/day?${range()}&camera=yard`)).json();
  assert.deepEqual([yard.faces, yard.visits, yard.cameras.length], [1, 1, 3]);
});

Deno.test("/api/day names 200 cameras and those of the filter, and counts the others", async () => {
  const faces = Array.from(
    { length: 230 },
    (_, number) => ({ ms: DAY + number, camera: `camera_${number}` }),
  );
  const { store } = storeOf([...faces, ...faces.slice(20).map((face) => ({ ...face, ms: face.ms + HOUR }))]);
  const get = galleryOf(store);
  const counts = async (query = ""): Promise<DayCounts> =>
    await (await get(`/api/day?${range()}${query}`)).json();
  const all = await counts();
  assert.deepEqual([all.visits, all.cameras.length, all.others], [440, 200, { cameras: 30, visits: 40 }]);
  const { visits, cameras, others } = await counts("&camera=camera_7&camera=camera_8");
  const named = cameras.filter(({ name }) => ["camera_7", "camera_8"].includes(name)).map(({ visits }) =>
    visits
  );
  assert.deepEqual([visits, named, others], [2, [1, 1], { cameras: 28, visits: 38 }]);
});

Deno.test("/api/day is not complete until all metadata are read, which it starts", async () => {
  const { store } = someVisits();
  const get = galleryOf(store);
  const counts = async () => await (await get(`/api/day?${range()}`)).json();
  const first = await counts();
  assert.deepEqual([first.complete, first.faces, first.visits], [false, 5, 5]);
  let last = first;
  for (let round = 0; round < 100 && !last.complete; round++) last = await counts();
  assert.deepEqual([last.complete, last.faces, last.visits], [true, 5, 4]);
  assert.equal(store.parts, 5 + 0, "one read for each face");
});

Deno.test("/api/days has the days of the viewer's zone with faces", async () => {
  const { store } = storeOf([
    { ms: DAY + 23 * HOUR + 1 }, // 1 February in Amsterdam
    { ms: DAY + 10 * HOUR },
    { ms: DAY - 5 * DAY_MS },
  ]);
  store.objects.set("HW3/a.png", DAY - 3 * DAY_MS);
  const get = galleryOf(store);
  const days = async (query: string) => await (await get(`/api/days?${query}`)).json();
  const inZone = await days("zone=Europe/Amsterdam");
  assert.equal(inZone.more, false);
  assert.deepEqual(inZone.days, [
    { from: DAY + 23 * HOUR, to: DAY + 47 * HOUR, faces: 1 },
    { from: DAY - HOUR, to: DAY + 23 * HOUR, faces: 1 },
    { from: DAY - 3 * DAY_MS - HOUR, to: DAY - 2 * DAY_MS - HOUR, faces: 1 },
    { from: DAY - 5 * DAY_MS - HOUR, to: DAY - 4 * DAY_MS - HOUR, faces: 1 },
  ]);
  const utc = await days("limit=1");
  assert.deepEqual(utc, { days: [{ from: DAY, to: DAY + DAY_MS, faces: 2 }], more: true });
  const older = await days(`before=${DAY}`);
  assert.deepEqual(older.days.map(({ from }: { from: number }) => from), [
    DAY - 3 * DAY_MS,
    DAY - 5 * DAY_MS,
  ]);
});

Deno.test("/api/days finds days behind hundreds of folders of days without a face", async () => {
  const daysAgo = [0, 450, 900];
  const { store } = storeOf(daysAgo.map((days) => ({ ms: DAY - days * DAY_MS })));
  for (let day = 1; day < 900; day++) {
    store.objects.set(`${new Date(DAY - day * DAY_MS).toISOString().slice(0, 10)}/notes.txt`, DAY);
  }
  const get = galleryOf(store);
  const found: number[] = [];
  for (let before = DAY + DAY_MS, more = true; more;) {
    const answer = await (await get(`/api/days?limit=31&before=${before}`)).json();
    assert.ok(answer.days.length > 0 || !answer.more, "a page ends at an answer without days");
    found.push(...answer.days.map(({ from }: { from: number }) => (DAY - from) / DAY_MS));
    ({ more } = answer);
    before = answer.days.at(-1)?.from;
  }
  assert.deepEqual(found, daysAgo);
});

Deno.test("a face of 1970, by a board without a clock, is shown east of Greenwich, where its day began in 1969", async () => {
  const { store, keys } = storeOf([{ ms: 60_000 }, { ms: DAY }]);
  const get = galleryOf(store);
  const { days: [, first] } = await (await get("/api/days?zone=Europe/Amsterdam")).json();
  assert.deepEqual(first, { from: -HOUR, to: DAY_MS - HOUR, faces: 1 });
  const { faces, quarters } = await (await get(`/api/day?${range(-HOUR)}`)).json();
  assert.deepEqual([faces, quarters[4], quarters.length], [1, 1, 96]);
  const { visits } = await (await get(`/api/visits?${range(-HOUR)}`)).json();
  assert.deepEqual(idsOf(visits), [keys[0]]);
  assert.deepEqual(await (await get("/api/days?zone=Europe/Amsterdam&before=-3600000")).json(), {
    days: [],
    more: false,
  });
});

Deno.test("/api/face has the metadata of a face and its visit", async () => {
  const { store, keys } = someVisits();
  const get = galleryOf(store);
  const face = async (key: string) => await (await get(`/api/face?key=${encodeURIComponent(key)}`)).json();
  const alone = await face(keys[1]);
  assert.deepEqual([alone.key, alone.visit, alone.score], [keys[1], null, 0.9]);
  await get(`/api/visits?${range()}`);
  const { facts, visit, ...rest } = await face(keys[1]);
  assert.deepEqual([rest.key, rest.why, rest.width], [keys[1], "best", 2]);
  assert.deepEqual(visit.faces.map(({ key }: { key: string }) => key), keys.slice(0, 2));
  assert.deepEqual([facts.camera, facts.captured, facts.clock], [
    "door",
    DAY + HOUR + 900,
    { synchronised: "no" },
  ]);
  const third = await face(keys[4]);
  assert.deepEqual([third.facts, third.visit], [null, null]);
  assert.equal((await get("/api/face?key=2026-01-31%2Fmissing.png")).status, 404);
});

Deno.test("/api/visit has the keys of all pictures of a visit, where others have 50", async () => {
  const began = DAY + HOUR;
  const { store, keys } = storeOf([
    ...Array.from({ length: 73 }, (_, minute) => ({ ms: began + minute * 60_000, visit: 1, began })),
    { ms: began + 90_000, visit: 2 },
  ]);
  const get = galleryOf(store);
  const { visits } = await (await get(`/api/visits?${range()}`)).json();
  const [, long] = visits as VisitView[];
  assert.ok(long.count === 73 && long.faces.length <= 50, `${long.faces.length} of ${long.count}`);
  const whole = async (key: string) => await (await get(`/api/visit?key=${encodeURIComponent(key)}`)).json();
  assert.deepEqual(await whole(keys[60]), { keys: keys.slice(0, 73) });
  assert.deepEqual(await whole(keys[73]), { keys: [keys[73]] });
  assert.equal((await get("/api/visit?key=2026-01-31%2Fmissing.png")).status, 404);
});

Deno.test("wrong parameters are refused, and do not mean that the store is down", async () => {
  const get = galleryOf(new TestStore());
  const wrong = [
    "/api/day",
    "/api/day?from=1&to=1",
    `/api/day?from=0&to=${27 * HOUR}`,
    `/api/day?from=${-27 * HOUR}&to=5`,
    "/api/day?from=1e3&to=2e3",
    `/api/visits?${range()}&before=nonsense`,
    `/api/visits?${range()}&limit=0`,
    `/api/visits?${range()}&limit=501`,
    `/api/visits?${range()}${"&camera=a".repeat(101)}`,
    "/api/days?zone=Mars/Base",
    "/api/days?limit=x",
    "/api/face",
    "/api/face?key=..%2Fa.png",
    "/api/visit?key=..%2Fa.png",
  ];
  for (const path of wrong) {
    const response = await get(path);
    assert.equal(response.status, 400, path);
    assert.match((await response.json()).error, /^"\w+" should be /, path);
  }
  assert.equal((await get("/healthz")).status, 200);
});

Deno.test("a store that does not answer is said in each answer", async () => {
  const { store, keys } = someVisits();
  store.failure = new Error("no route to my-bucket");
  const get = galleryOf(store);
  for (
    const path of [`/api/day?${range()}`, `/api/visits?${range()}`, "/api/days", `/api/face?key=${keys[0]}`]
  ) {
    const response = await get(path);
    assert.deepEqual(
      [response.status, await response.json()],
      [503, { error: "no route to my-bucket" }],
      path,
    );
  }
  store.failure = undefined;
  assert.equal((await (await get(`/api/visits?${range()}`)).json()).visits.length, 4);
});
