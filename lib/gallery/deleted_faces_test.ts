/** Deletion of faces, and what happens when a deleted one is stored again. */
import assert from "node:assert/strict";
import { keyOfFace, TestStore } from "../testing/gallery_store.ts";
import { until } from "../testing/until.ts";
import { DeletedFaces } from "./deleted_faces.ts";

const { signal } = new AbortController();
const keysOf = async (deletion: DeletedFaces) =>
  (await Array.fromAsync(deletion.store.list({ signal }))).map(({ key }) => key);

Deno.test("each face is deleted on its own, and failures have their reasons", async () => {
  const keys = [keyOfFace(1), keyOfFace(2)];
  const store = new TestStore([...keys, "settings.json"]);
  const remove = store.delete.bind(store);
  store.delete = async (key) => {
    if (key === keys[1]) throw new Error("denied");
    await remove(key);
  };
  const deletion = new DeletedFaces(store);
  const result = await deletion.delete([keys[0], keys[0], keys[1], "settings.json", "../x.png", ""], {
    signal,
  });
  assert.deepEqual(result.deleted, [keys[0]]);
  assert.deepEqual(result.failed, [
    { key: keys[1], reason: "denied" },
    { key: "settings.json", reason: "it is no key of a face" },
    { key: "../x.png", reason: "it is no key of a face" },
    { key: "", reason: "it is no key of a face" },
  ]);
  assert.deepEqual([...store.objects.keys()], [keys[1], "settings.json"]);
});

Deno.test("a deleted face that is sent and stored again is not shown, and deleted again", async () => {
  const store = new TestStore([keyOfFace(1), keyOfFace(2)]);
  const time = { ms: 0 };
  const again: string[] = [];
  const deletion = new DeletedFaces(store, {
    nowMs: () => time.ms,
    onDeletedAgain: (key) => again.push(key),
  });
  await deletion.delete([keyOfFace(1)], { signal });
  store.objects.set(keyOfFace(1), 0); // The saver stores the face again: its receipt was lost.
  assert.deepEqual(await keysOf(deletion), [keyOfFace(2)]);
  assert.equal(await deletion.store.get(keyOfFace(1), { signal, maxBytes: 1 }), undefined);
  assert.deepEqual(again, [], "a listing may be older than the deletion");
  time.ms += 60_000;
  assert.deepEqual(await keysOf(deletion), [keyOfFace(2)]);
  await until(() => again.length === 1, "the face is deleted again");
  assert.deepEqual([...store.objects.keys()], [keyOfFace(2)]);
  time.ms += 60_000;
  await keysOf(deletion);
  assert.deepEqual(again, [keyOfFace(1)]);
});

Deno.test("a key without a hash may belong to another face after the deletion", async () => {
  const key = "HW3/11-26-2026-14-03-11_image.png";
  const store = new TestStore([key]);
  const deletion = new DeletedFaces(store);
  await deletion.delete([key], { signal });
  store.objects.set(key, 0);
  assert.deepEqual(await keysOf(deletion), [key]);
});
