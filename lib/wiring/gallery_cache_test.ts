/** Where the gallery keeps its index and thumbnails. */
import assert from "node:assert/strict";
import { ConfigError } from "../errors.ts";
import { TempFolder } from "../testing/temp_folder.ts";
import { cacheFolder, openGalleryCache } from "./gallery_cache.ts";

const settings = { cacheSize: 16, store: "s3://bucket/faces" };
const log = { warn() {} } as unknown as Parameters<typeof openGalleryCache>[1]["log"];

Deno.test("the cache folder is that of the setting, else that of the unit, else none", () => {
  assert.equal(cacheFolder({ ...settings, cache: "a" }, "b"), "a");
  assert.equal(cacheFolder({ ...settings, cache: undefined }, "b"), "b");
  assert.equal(cacheFolder({ ...settings, cache: undefined }, ""), undefined);
  assert.equal(
    openGalleryCache({ ...settings, cache: undefined }, { log, folder: undefined }).index,
    undefined,
  );
});

Deno.test("a cache in the folder of the faces is refused, since thumbnails would be faces", () => {
  for (const cache of ["faces", "faces/cache", "./faces/../faces/a", "faces/"]) {
    assert.throws(() => cacheFolder({ ...settings, store: "faces", cache }, undefined), ConfigError, cache);
  }
  for (const cache of ["faces-cache", ".", "../faces"]) {
    assert.equal(cacheFolder({ ...settings, store: "faces", cache }, undefined), cache);
  }
});

Deno.test("each store has a folder of its own in the cache", async () => {
  using folder = new TempFolder();
  const stores = [
    { store: "s3://bucket/faces" },
    { store: "s3://bucket/faces", s3Endpoint: "http://127.0.0.1:9000" },
    { store: "faces" },
  ];
  for (const store of stores) {
    const { thumbnails } = openGalleryCache({ ...settings, ...store, cache: undefined }, {
      log,
      folder: folder.path,
    });
    assert.equal(await thumbnails.read("a"), undefined);
    await thumbnails.write("a", new Uint8Array(1));
  }
  const again = openGalleryCache({ ...settings, store: "./faces/", cache: undefined }, {
    log,
    folder: folder.path,
  });
  assert.equal((await again.thumbnails.read("a"))?.length, 1);
});
