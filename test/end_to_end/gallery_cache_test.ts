/** The gallery with a cache folder: the real program, which may write there and nowhere else. */
import assert from "node:assert/strict";
import { TempFolder } from "../../lib/testing/temp_folder.ts";
import { filesIn } from "../../lib/testing/files.ts";
import { until } from "../../lib/testing/until.ts";
import { visitFace } from "../../lib/testing/visit_faces.ts";
import { visitsPath } from "../../lib/testing/visits_path.ts";
import { runProgram } from "../servers/run_program.ts";
import { startGallery } from "./gallery_page.ts";

const NOON_MS = Date.UTC(2026, 0, 31, 12);

Deno.test("a restarted gallery finds its index and thumbnails, which only its user can read", async () => {
  using folder = new TempFolder();
  const face = visitFace({ ms: NOON_MS, visit: 7, detections: 3 });
  await Deno.mkdir(folder.at("faces/2026-01-31"), { recursive: true });
  await Deno.writeFile(folder.at(`faces/${face.key}`), face.bytes);
  const args = ["--store", folder.at("faces"), "--cache", folder.at("cache")];
  const look = async () => {
    await using gallery = await startGallery(args);
    // A page of visits does not wait for metadata that come late.
    const visits = await until(async () => {
      const { visits } = await (await fetch(`${gallery.url}${visitsPath(NOON_MS)}`)).json();
      return visits[0]?.detections === 3 && visits;
    }, "the metadata of the face are known");
    const thumb = await fetch(`${gallery.url}${visits[0].faces[0].thumb}`);
    const bytes = await thumb.bytes();
    gallery.signal("SIGTERM");
    assert.equal((await gallery.ended()).code, 0, gallery.stderr);
    return { visits, bytes };
  };
  const first = await look();
  assert.deepEqual(first.bytes, face.bytes);
  const kept = await Array.fromAsync(filesIn(folder.at("cache")));
  assert.equal(kept.length, 2);
  for (const path of kept) assert.equal((await Deno.stat(path)).mode! & 0o777, 0o600, path);
  const [index] = kept.filter((path) => path.endsWith("/index/2026-01-31.jsonl"));
  // Without the rest of its bytes, only the index shows that the face belongs to a visit.
  const { mtime } = await Deno.stat(folder.at(`faces/${face.key}`));
  await Deno.writeFile(folder.at(`faces/${face.key}`), new Uint8Array(face.bytes.length));
  await Deno.utime(folder.at(`faces/${face.key}`), mtime!, mtime!);
  assert.deepEqual(await look(), first);
  assert.equal((await Deno.readTextFile(index)).trimEnd().split("\n").length, 1);
});

Deno.test("a cache that cannot be written is reported, and the gallery works", async () => {
  using folder = new TempFolder();
  folder.write("file", "");
  const face = visitFace({ ms: NOON_MS });
  await Deno.mkdir(folder.at("faces/2026-01-31"), { recursive: true });
  await Deno.writeFile(folder.at(`faces/${face.key}`), face.bytes);
  await using gallery = await startGallery(["--store", folder.at("faces"), "--cache", folder.at("file")]);
  const { visits } = await (await fetch(`${gallery.url}${visitsPath(NOON_MS)}`)).json();
  assert.equal(visits.length, 1);
  const thumb = await fetch(`${gallery.url}${visits[0].faces[0].thumb}`);
  assert.deepEqual(await thumb.bytes(), face.bytes);
  await gallery.printed(/cannot write the cache in ".*file": Not a directory/);
});

Deno.test("a cache in the store is refused at the start", async () => {
  const ended = await runProgram("gallery", ["--store", "faces", "--cache", "faces/cache"]);
  assert.equal(ended.code, 78);
  assert.match(ended.stderr, /the cache "faces\/cache" lies in the store "faces".*\nTry: set --cache to/);
});
