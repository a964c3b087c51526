/** Folders that cannot be made: a file in the way. */
import assert from "node:assert/strict";
import { FatalError } from "../errors.ts";
import { TempFolder } from "../testing/temp_folder.ts";
import { makeFolder } from "./make_folder.ts";

Deno.test("a file in the place of the demo's folder is an error with a remedy", async () => {
  using folder = new TempFolder();
  const path = folder.at("file");
  await Deno.writeTextFile(path, "");
  const failed = makeFolder(`the folder "${path}"`, "--store", () => Deno.mkdir(path, { recursive: true }));
  await assert.rejects(failed, (error) => {
    assert.ok(error instanceof FatalError);
    assert.match(error.message, /^cannot make the folder ".*\/file": /);
    assert.equal(error.hint, "set --store to a folder that this user can write");
    return true;
  });
});

Deno.test("a folder that can be made is made", async () => {
  using folder = new TempFolder();
  const path = folder.at("a/b");
  await makeFolder("the folder", "--store", () => Deno.mkdir(path, { recursive: true }));
  assert.ok((await Deno.stat(path)).isDirectory);
});
