/** Durable writes: all or nothing. */
import assert from "node:assert/strict";
import { writeDurably } from "./durable_file.ts";
import { TempFolder } from "./testing/temp_folder.ts";

const names = (folder: string) => Array.from(Deno.readDirSync(folder), ({ name }) => name).sort();

Deno.test("writeDurably() creates or replaces the whole file and leaves no other file", async () => {
  using folder = new TempFolder();
  folder.write("face.tmp", "the leftover of a crash, longer than the new content");
  const path = folder.at("face");
  await writeDurably(path, Uint8Array.of(1, 2, 3));
  assert.deepEqual(await Deno.readFile(path), Uint8Array.of(1, 2, 3));
  await writeDurably(path, new Uint8Array(300_000).fill(7));
  await writeDurably(path, Uint8Array.of(4));
  assert.deepEqual(names(folder.path), ["face"]);
  assert.deepEqual(await Deno.readFile(path), Uint8Array.of(4));
});

Deno.test("a failed writeDurably() leaves the old content and no temporary file", async () => {
  using folder = new TempFolder();
  await Deno.mkdir(folder.at("face/inside"), { recursive: true });
  await assert.rejects(writeDurably(folder.at("face"), Uint8Array.of(1)));
  await assert.rejects(writeDurably(folder.at("nowhere/face"), Uint8Array.of(1)), Deno.errors.NotFound);
  assert.deepEqual(names(folder.path), ["face"]);
  assert.deepEqual(names(folder.at("face")), ["inside"]);
});
