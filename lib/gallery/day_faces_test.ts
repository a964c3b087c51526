/** Passes over the faces of one day. */
import assert from "node:assert/strict";
import { DayFaces } from "./day_faces.ts";
import { KEY_TIMES } from "./face_set.ts";
import type { ListedFace } from "./shown_face.ts";

const MINUTE = 60_000;

/** A day whose listing the test writes. */
class Scene {
  faces: ListedFace[] = [];
  failure?: Error;
  nowMs = 0;
  passes = 0;
  /** Awaited before each part of a listing. */
  next: () => Promise<void> = () => Promise.resolve();
  readonly added: string[] = [];
  readonly removed: string[] = [];
  readonly full: (string | number)[] = [];
  readonly day: DayFaces;

  constructor({ maxFaces }: { maxFaces?: number } = {}) {
    this.day = new DayFaces({
      name: "2026-01-31",
      list: () => this.#list(),
      maxFaces,
      times: { msOf: KEY_TIMES, earliestMs: () => 0 },
      passMs: MINUTE,
      nowMs: () => this.nowMs,
      onAdded: ({ key }, _, isNews) => this.added.push(isNews ? `new ${key}` : key),
      onRemoved: ({ key }) => this.removed.push(key),
      onFull: (name, max) => this.full.push(name, max),
    });
  }

  async *#list(): AsyncGenerator<readonly ListedFace[]> {
    this.passes++;
    for (let at = 0; at < this.faces.length; at += 2) {
      await this.next();
      if (this.failure) throw this.failure;
      yield this.faces.slice(at, at + 2);
    }
  }
}

/** Faces of these times, newest first. */
const facesAt = (...ms: number[]) => ms.map((ms) => ({ key: `${ms}`, ms, bytes: 1, writtenMs: 1 }));

Deno.test("a pass tells how far it has come, and those who wait continue with each part", async () => {
  const scene = new Scene();
  scene.faces = facesAt(9, 8, 7, 6, 5);
  assert.equal(scene.day.refresh(), true);
  assert.equal(scene.day.refresh(), false);
  const reached = [];
  do reached.push(scene.day.reachedMs); while (await scene.day.further());
  assert.deepEqual(reached, [Infinity, 8, 6, -Infinity]);
  assert.equal(scene.day.isListed, true);
});

Deno.test("a pass is repeated after a minute: what it lacks is removed, and what is new is news", async () => {
  const scene = new Scene();
  scene.faces = facesAt(9, 8, 7);
  scene.day.refresh();
  await scene.day.listed();
  scene.faces = facesAt(10, 9, 7);
  assert.equal(scene.day.refresh(), false);
  scene.nowMs += MINUTE;
  assert.equal(scene.day.refresh(), true);
  assert.equal(scene.day.isListed, true, "what is known is shown meanwhile");
  await scene.day.listed();
  assert.deepEqual([scene.added, scene.removed], [["9", "8", "7", "new 10"], ["8"]]);
});

Deno.test("an old listing is not shown while a pass runs", async () => {
  const scene = new Scene();
  scene.faces = facesAt(9);
  scene.day.refresh();
  await scene.day.listed();
  scene.nowMs += 3 * MINUTE;
  scene.day.refresh();
  assert.equal(scene.day.isListed, false);
  await scene.day.listed();
});

Deno.test("a face that arrives during a pass stays", async () => {
  const scene = new Scene();
  scene.faces = facesAt(9, 8, 7);
  const held = Promise.withResolvers<void>();
  scene.next = () => held.promise;
  scene.day.refresh();
  scene.day.add(facesAt(10)[0], { isNews: true });
  held.resolve();
  await scene.day.listed();
  assert.deepEqual(scene.removed, []);
  assert.equal(scene.day.set.size, 4);
});

Deno.test("a pass that fails fails those who wait, changes nothing, and the next one is at once", async () => {
  const scene = new Scene();
  scene.faces = facesAt(9, 8);
  scene.day.refresh();
  await scene.day.listed();
  scene.failure = new Error("reset");
  scene.nowMs += MINUTE;
  scene.day.refresh();
  await assert.rejects(scene.day.listed(), /reset/);
  await assert.rejects(scene.day.further(), /reset/);
  assert.equal(scene.day.set.size, 2);
  scene.failure = undefined;
  assert.equal(scene.day.refresh(), true);
  await scene.day.listed();
  assert.deepEqual(scene.removed, []);
});

Deno.test("of a day beyond the limit the newest faces are kept, pass after pass", async () => {
  const scene = new Scene({ maxFaces: 3 });
  scene.faces = facesAt(9, 8, 7);
  scene.day.refresh();
  await scene.day.listed();
  assert.deepEqual(scene.full, []);
  scene.nowMs += MINUTE;
  scene.faces = facesAt(9, 8, 7, 6, 5);
  for (let pass = 0; pass < 3; pass++) {
    scene.day.refresh();
    await scene.day.listed();
    assert.deepEqual([...scene.day.set.faces()].map(({ key }) => key), ["9", "8", "7"]);
    scene.nowMs += MINUTE;
  }
  scene.faces = facesAt(10, 9, 8, 7, 6);
  scene.day.refresh();
  await scene.day.listed();
  assert.deepEqual(scene.removed, ["7"]);
  assert.deepEqual(scene.full, ["2026-01-31", 3], "it is reported once");
});

Deno.test("a slow listing is repeated for at most a tenth of the time", async () => {
  const scene = new Scene();
  scene.faces = facesAt(9);
  scene.next = async () => {
    scene.nowMs += 2 * MINUTE;
  };
  scene.day.refresh();
  await scene.day.listed();
  scene.nowMs += 17 * MINUTE;
  assert.equal(scene.day.refresh(), false);
  scene.nowMs += MINUTE;
  assert.equal(scene.day.refresh(), true);
  await scene.day.listed();
});
