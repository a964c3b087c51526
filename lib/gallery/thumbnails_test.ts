/** Thumbnails: their size, and how often they are made. */
import assert from "node:assert/strict";
import { readJpeg } from "../image/jpeg.ts";
import { encodePng } from "../image/png.ts";
import { MemoryCache } from "./memory_cache.ts";
import { type PictureVersion, Thumbnails } from "./thumbnails.ts";

/** A picture of noise, which PNG cannot compress. */
function noise(width: number, height: number): Uint8Array<ArrayBuffer> {
  const rgb = Uint8Array.from(
    { length: width * height * 3 },
    (_, index) => Math.imul(index * index, 2654435761) >>> 13,
  );
  return encodePng({ width, height, rgb });
}

/** Thumbnails of one picture, which the test replaces. */
class Scene {
  bytes?: Uint8Array<ArrayBuffer>;
  version?: PictureVersion = { key: "a.png", bytes: 1, writtenMs: 1 };
  reads = 0;
  readonly thumbnails = new Thumbnails({
    cache: new MemoryCache({ maxBytes: 2 ** 20 }),
    picture: async () => {
      this.reads++;
      return this.bytes;
    },
    find: () => this.version,
  });

  constructor(bytes?: Uint8Array<ArrayBuffer>) {
    this.bytes = bytes;
  }
}

Deno.test("a large picture becomes a JPEG that fits the longest side and keeps its shape", async () => {
  for (
    const [width, height, expected] of [
      [800, 400, { width: 384, height: 192 }],
      [300, 900, { width: 128, height: 384 }],
      [200, 200, { width: 200, height: 200 }],
      [3000, 40, { width: 384, height: 5 }],
    ] as const
  ) {
    const thumb = await new Scene(noise(width, height)).thumbnails.thumbnail("a.png");
    assert.deepEqual(readJpeg(thumb!), expected);
  }
});

Deno.test("a small picture is its own thumbnail, and so is one that cannot be decoded", async () => {
  const jpeg = new Uint8Array(100_000);
  jpeg.set([0xff, 0xd8, 0xff]);
  const damaged = noise(200, 200).slice(0, -20);
  for (const bytes of [noise(100, 100), jpeg, damaged]) {
    assert.equal(await new Scene(bytes).thumbnails.thumbnail("a.png"), bytes);
  }
});

Deno.test("a picture is read once, and again when the object was replaced", async () => {
  for (const bytes of [noise(100, 100), noise(400, 400)]) {
    const scene = new Scene(bytes);
    const first = await scene.thumbnails.thumbnail("a.png");
    assert.deepEqual(await scene.thumbnails.thumbnail("a.png"), first);
    assert.equal(scene.reads, 1);
    scene.version = { key: "a.png", bytes: 1, writtenMs: 2 };
    await scene.thumbnails.thumbnail("a.png");
    assert.equal(scene.reads, 2);
  }
});

Deno.test("concurrent requests make one thumbnail", async () => {
  const scene = new Scene(noise(400, 400));
  const thumbs = await Promise.all([1, 2, 3].map(() => scene.thumbnails.thumbnail("a.png")));
  assert.equal(thumbs[1], thumbs[2], "the second run found the first one's result");
});

Deno.test("a face that no listing has shown is read each time, and one that is gone has no thumbnail", async () => {
  const scene = new Scene(noise(100, 100));
  scene.version = undefined;
  await scene.thumbnails.thumbnail("a.png");
  await scene.thumbnails.thumbnail("a.png");
  assert.equal(scene.reads, 2);
  scene.bytes = undefined;
  assert.equal(await scene.thumbnails.thumbnail("a.png"), undefined);
});

Deno.test("a cache in memory forgets what was used longest ago", async () => {
  const cache = new MemoryCache({ maxBytes: 10 });
  await cache.write("a", new Uint8Array(4));
  await cache.write("b", new Uint8Array(4));
  await cache.read("a");
  await cache.write("c", new Uint8Array(4));
  assert.equal(await cache.read("b"), undefined);
  assert.equal((await cache.read("a"))?.length, 4);
  await cache.write("d", new Uint8Array(11));
  assert.equal(await cache.read("d"), undefined);
});
