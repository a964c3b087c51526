import assert from "node:assert/strict";
import { DiskAnswers } from "./disk_answers.ts";

Deno.test("a disk that does not answer is an error, and is not asked again until it does", async () => {
  const disk = new DiskAnswers("/faces", 1);
  const stuck = Promise.withResolvers<string>();
  let asked = 0;
  const ask = () => {
    asked++;
    return stuck.promise;
  };
  await assert.rejects(disk.of(ask), /"\/faces" does not answer/);
  await assert.rejects(disk.of(ask), /does not answer/);
  assert.equal(asked, 1);
  stuck.resolve("late");
  await stuck.promise;
  await Promise.resolve();
  assert.equal(await disk.of(ask), "late");
  await assert.rejects(disk.of(() => Promise.reject(new Error("gone"))), /gone/);
});
