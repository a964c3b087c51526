/** The waits of the tests: at a change, at an interval, and not beyond a limit. */
import assert from "node:assert/strict";
import { exists } from "./files.ts";
import { TempFolder } from "./temp_folder.ts";
import { stays, until } from "./until.ts";

Deno.test("until() checks again at a change in the watched folder", async () => {
  using folder = new TempFolder();
  let checks = 0;
  const appears = () => {
    checks++;
    return exists(folder.at("face.png"));
  };
  const waiting = until(appears, "a face", { folder: folder.path, everyMs: 60_000 });
  folder.write("other.txt", "");
  folder.write("face.png", "");
  await waiting;
  assert.ok(checks > 1);
});

Deno.test("until() returns the result of its check, and its error names what did not happen in time", async () => {
  let count = 0;
  assert.equal(await until(() => ++count > 2 ? count : undefined, "three checks", { everyMs: 1 }), 3);
  await assert.rejects(
    until(() => false, "a face", { everyMs: 1, limitMs: 10 }),
    /not within 0.01 s: a face/,
  );
});

Deno.test("stays() rejects as soon as its check does not hold", async () => {
  await stays(() => true, "quiet", 1);
  let count = 0;
  await assert.rejects(stays(() => ++count < 2, "fewer than two", 60_000), /no longer: fewer than two/);
});
