import assert from "node:assert/strict";
import { writeDurably } from "./durable_file.ts";

const names = (folder: string) => Array.from(Deno.readDirSync(folder), ({ name }) => name).sort();

Deno.test("writeDurably() makes or replaces the whole file and leaves nothing beside it", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/face.tmp`, "what a crash has left, longer than what follows");
    await writeDurably(`${folder}/face`, Uint8Array.of(1, 2, 3));
    assert.deepEqual(await Deno.readFile(`${folder}/face`), Uint8Array.of(1, 2, 3));
    await writeDurably(`${folder}/face`, new Uint8Array(300_000).fill(7));
    await writeDurably(`${folder}/face`, Uint8Array.of(4));
    assert.deepEqual(names(folder), ["face"]);
    assert.deepEqual(await Deno.readFile(`${folder}/face`), Uint8Array.of(4));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("writeDurably() that fails leaves what was there, and no temporary file", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${folder}/face/inside`, { recursive: true });
    await assert.rejects(writeDurably(`${folder}/face`, Uint8Array.of(1)));
    await assert.rejects(writeDurably(`${folder}/nowhere/face`, Uint8Array.of(1)), Deno.errors.NotFound);
    assert.deepEqual(names(folder), ["face"]);
    assert.deepEqual(names(`${folder}/face`), ["inside"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
