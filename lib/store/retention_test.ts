/** Old faces are removed by the day in their keys, and nothing else is. */
import assert from "node:assert/strict";
import { KeyDays } from "../face/key_days.ts";
import { DEFAULT_KEY, KeyTemplate } from "../face/object_key.ts";
import { COURSE_KEY } from "../testing/course_key.ts";
import { TempFolder } from "../testing/temp_folder.ts";
import { openFolderStore } from "./folder_store.ts";
import { type DeletingStore, MAX_EXAMINED, MAX_FAILED, MAX_REMOVED, Retention } from "./retention.ts";
import { StoreError } from "./store.ts";

const { signal } = new AbortController();
const NOW = Date.parse("2026-11-26T12:00:00Z");
const info = { contentType: "image/png", metadata: {} };

/** A store in memory that records what it deletes. */
class Shelf implements DeletingStore {
  readonly keys: Set<string>;
  readonly deleted: string[] = [];
  listed = 0;

  constructor(keys: Iterable<string>, private readonly refused: (key: string) => boolean = () => false) {
    this.keys = new Set(keys);
  }

  async *list({ prefix = "", after = "" }: { prefix?: string; after?: string }) {
    for (const key of [...this.keys].sort()) {
      if (!key.startsWith(prefix) || key <= after) continue;
      this.listed++;
      yield { key, bytes: 1, writtenMs: 0 };
    }
  }

  delete = async (key: string): Promise<void> => {
    if (this.refused(key)) throw new StoreError("not allowed to delete here", "store", "403", 403);
    this.keys.delete(key);
    this.deleted.push(key);
  };
}

const retention = (store: DeletingStore, { template = DEFAULT_KEY, keepDays = 30 } = {}) =>
  new Retention(store, new KeyDays(new KeyTemplate(template)), keepDays);
const key = (day: string, index = 0) =>
  `${day}/04-05-06-789_door_${index.toString(16).padStart(12, "0")}.png`;

Deno.test("faces of days before the limit are removed, with the folders that become empty, and nothing else", async () => {
  using folder = new TempFolder();
  const root = folder.at("faces");
  const store = openFolderStore(root, { mayDelete: true });
  const old = [key("2026-10-01"), key("2026-10-01", 1), key("2026-10-26")];
  const kept = [
    key("2026-10-27"),
    key("2026-11-26"),
    "2026-10-02/notes.txt",
    "2026-10-02/04-05-06-789_door_000000000000.png.part",
    "holiday/2025-07-01/04-05-06-789_door_000000000000.png",
    "undated/door_00112233aabbccdd_00000042_abababababab.png",
  ];
  const mixed = key("2026-10-02");
  for (const name of [...old, mixed, ...kept]) {
    await store.put(name, new Uint8Array([1]), info, { signal });
  }
  await Deno.symlink(`${root}/2026-11-26`, `${root}/2026-10-03`);
  const removed: string[] = [];
  const run = await retention(store as DeletingStore).run({
    nowMs: NOW,
    signal,
    onRemoved: (name) => removed.push(name),
  });
  assert.deepEqual(run, { removed: 4, firstKept: "2026-10-27", isDone: true, failure: undefined });
  assert.deepEqual(removed, [...old.slice(0, 2), mixed, old[2]]);
  const left = await Array.fromAsync(store.list({ signal }), ({ key }) => key);
  assert.deepEqual(left, [...kept].sort());
  const folders = Array.from(Deno.readDirSync(root), ({ name }) => name).sort();
  assert.deepEqual(folders, [
    "2026-10-02",
    "2026-10-03",
    "2026-10-27",
    "2026-11-26",
    "holiday",
    "undated",
  ]);
});

Deno.test("a run is bounded in removed faces, and the next one goes on", async () => {
  const shelf = new Shelf(Array.from({ length: MAX_REMOVED + 5 }, (_, index) => key("2026-01-01", index)));
  const faces = retention(shelf);
  const first = await faces.run({ nowMs: NOW, signal });
  assert.deepEqual([first.removed, first.isDone], [MAX_REMOVED, false]);
  const second = await faces.run({ nowMs: NOW, signal });
  assert.deepEqual([second.removed, second.isDone], [5, true]);
});

Deno.test("a run is bounded in examined keys, also where keys do not sort by day", async () => {
  const recent = Array.from(
    { length: MAX_EXAMINED + 1 },
    (_, index) => `HW3/11-25-2026-04-05-06_image_${index}.png`,
  );
  const old = "HW3/12-01-2025-04-05-06_image.png";
  const shelf = new Shelf([...recent.slice(0, 1_000), ...recent.map((name) => `${name}.txt`), old]);
  const faces = retention(shelf, { template: COURSE_KEY });
  assert.deepEqual((await faces.run({ nowMs: NOW, signal })).isDone, false);
  assert.equal(shelf.listed, MAX_EXAMINED);
  assert.deepEqual((await faces.run({ nowMs: NOW, signal })).isDone, true);
  assert.deepEqual(shelf.deleted, [old]);
});

Deno.test("where keys sort by day, no recent key is examined", async () => {
  const recent = Array.from({ length: 500 }, (_, index) => key("2026-11-01", index));
  const shelf = new Shelf([key("2026-01-01"), ...recent]);
  assert.equal((await retention(shelf).run({ nowMs: NOW, signal })).isDone, true);
  assert.equal(shelf.listed, 2);
});

Deno.test("faces that cannot be removed keep no other one, and the run ends after some of them", async () => {
  const stuck = Array.from({ length: MAX_FAILED }, (_, index) => key("2026-01-01", index));
  const shelf = new Shelf([...stuck, key("2026-01-02")], (name) => name.startsWith("2026-01-01"));
  const faces = retention(shelf);
  const first = await faces.run({ nowMs: NOW, signal });
  assert.deepEqual([first.removed, first.isDone, first.failure], [0, false, "not allowed to delete here"]);
  const second = await faces.run({ nowMs: NOW, signal });
  assert.deepEqual([second.removed, second.isDone, second.failure], [1, true, undefined]);
  assert.equal(
    (await faces.run({ nowMs: NOW, signal })).failure,
    "not allowed to delete here",
    "it is tried again",
  );
});

Deno.test("a folder of old faces that cannot be read is a failure, and the others are removed", async () => {
  using folder = new TempFolder();
  const store = openFolderStore(folder.at("faces"), { mayDelete: true });
  const [before, after] = [key("2026-10-01"), key("2026-10-04")];
  // Of these only the one of an old day matters.
  const locked = ["2026-10-02", "2026-10-03x", "#mine", "private", "2026-11-26"];
  for (const name of [before, after, ...locked.map((name) => `${name}/a.png`)]) {
    await store.put(name, new Uint8Array([1]), info, { signal });
  }
  const { lstat } = Deno;
  let isLocked = (path: string) => locked.some((name) => path.endsWith(`${name}/`));
  Deno.lstat = async (path) => {
    if (isLocked(String(path))) throw new Deno.errors.PermissionDenied("Permission denied (os error 13)");
    return await lstat(path);
  };
  try {
    const faces = retention(store as DeletingStore);
    for (const removed of [2, 0]) { // Each run says it, not only the first one.
      const run = await faces.run({ nowMs: NOW, signal });
      const failure = `cannot read "2026-10-02/": Permission denied (os error 13)`;
      assert.deepEqual(run, { removed, firstKept: "2026-10-27", isDone: true, failure });
    }
    isLocked = (path) => path.endsWith("a.png"); // Its names can be read, its files cannot.
    assert.match((await faces.run({ nowMs: NOW, signal })).failure!, /^cannot read "2026-10-02\/"/);
  } finally {
    Deno.lstat = lstat;
  }
});
