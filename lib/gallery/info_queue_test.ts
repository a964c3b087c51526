/** The order in which metadata are read, and its limits. */
import assert from "node:assert/strict";
import { settled } from "../testing/settled.ts";
import { SetFace } from "./face_set.ts";
import { InfoQueue } from "./info_queue.ts";

/** A queue over a store that the test lets answer. */
class Scene {
  readonly waiting: SetFace[] = [];
  /** Keys whose read has begun and not ended. */
  readonly reading = new Map<string, () => void>();
  readonly read: string[] = [];
  readonly missing: string[] = [];
  readonly stop = new AbortController();
  most = 0;
  readonly queue = new InfoQueue({
    part: async (key) => {
      const answer = Promise.withResolvers<Uint8Array<ArrayBuffer> | undefined>();
      this.reading.set(key, () => answer.resolve(key === "missing" ? undefined : new Uint8Array(1)));
      this.most = Math.max(this.most, this.reading.size);
      return await answer.promise.finally(() => this.reading.delete(key));
    },
  }, {
    onInfo: (face, info) => {
      face.info = info;
      this.read.push(face.key);
    },
    onMissing: ({ key }) => this.missing.push(key),
    onUnreadable: () => {},
    next: () => this.waiting.shift(),
    signal: this.stop.signal,
  });

  face(key: string): SetFace {
    return new SetFace({ key, ms: 0, bytes: 1, writtenMs: 0 });
  }

  /** Lets the store answer all requests. */
  async answer(): Promise<void> {
    for (const answer of this.reading.values()) answer();
    await settled();
  }
}

const keys = (scene: Scene) => [...scene.reading.keys()];

Deno.test("faces that a page waits for are read at once, and others only when nothing waits", async () => {
  const scene = new Scene();
  scene.waiting.push(...["a", "b", "c", "d", "e"].map((key) => scene.face(key)));
  const page = scene.queue.read([scene.face("page")]);
  scene.queue.wake();
  assert.deepEqual(keys(scene), ["page"]);
  await scene.answer();
  await page;
  assert.deepEqual(keys(scene), ["a", "b", "c", "d"]);
  const release = scene.queue.hold();
  await scene.answer();
  assert.deepEqual(keys(scene), []);
  release();
  assert.deepEqual(keys(scene), ["e"]);
  await scene.answer();
  assert.deepEqual(scene.read, ["page", "a", "b", "c", "d", "e"]);
});

Deno.test("at most 16 faces are read at the same time, and each once for all pages", async () => {
  const scene = new Scene();
  const faces = Array.from({ length: 50 }, (_, index) => scene.face(`${index}`));
  const pages = [scene.queue.read(faces), scene.queue.read(faces)];
  for (let round = 0; round < 10; round++) await scene.answer();
  await Promise.all(pages);
  assert.equal(scene.most, 16);
  assert.deepEqual(scene.read, faces.map(({ key }) => key));
});

Deno.test("a missing object is reported, and the end of the program ends the wait of a page", async () => {
  const scene = new Scene();
  const page = scene.queue.read([
    scene.face("missing"),
    ...Array.from({ length: 20 }, (_, index) => scene.face(`${index}`)),
  ]);
  scene.stop.abort();
  await scene.answer();
  await page;
  assert.deepEqual(scene.missing, ["missing"]);
  assert.equal(scene.most, 16);
});
