/** Folders that cannot be made: a file in the way. */
import assert from "node:assert/strict";
import { FatalError } from "../errors.ts";
import { TempFolder } from "../testing/temp_folder.ts";
import { makeFolder, writableFolder } from "./make_folder.ts";

Deno.test("a file in the place of the demo's folder is an error with a remedy", async () => {
  using folder = new TempFolder();
  const path = folder.at("file");
  await Deno.writeTextFile(path, "");
  const failed = makeFolder(`the folder "${path}"`, "--store", () => writableFolder(path));
  await assert.rejects(failed, (error) => {
    assert.ok(error instanceof FatalError);
    assert.match(error.message, /^cannot make the folder ".*\/file": /);
    assert.equal(error.hint, "set --store to a folder that this user can write");
    return true;
  });
});

Deno.test("a folder in which nothing can be written is an error", async () => {
  // Not even root writes in /proc.
  await assert.rejects(makeFolder("the folder", "--store", () => writableFolder("/proc")), FatalError);
});

Deno.test("a folder that can be made is made", async () => {
  using folder = new TempFolder();
  const path = folder.at("a/b");
  await makeFolder("the folder", "--store", () => writableFolder(path));
  assert.deepEqual([...Deno.readDirSync(path)], []);
});
