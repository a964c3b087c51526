/** A disk that stops answering. */
import assert from "node:assert/strict";
import { DiskTimeout } from "./disk_timeout.ts";

Deno.test("a disk that does not answer is an error, and gets no further call until it does", async () => {
  let timer = Promise.withResolvers<void>();
  const disk = new DiskTimeout("/faces", { delay: () => timer.promise });
  const stuck = Promise.withResolvers<string>();
  let calls = 0;
  const call = () => {
    calls++;
    return stuck.promise;
  };
  const first = assert.rejects(disk.run(call), /"\/faces" does not answer/);
  timer.resolve();
  await first;
  timer = Promise.withResolvers();
  await assert.rejects(disk.run(call), /does not answer/);
  assert.equal(calls, 1);
  stuck.resolve("late");
  await stuck.promise;
  await Promise.resolve();
  assert.equal(await disk.run(call), "late");
  await assert.rejects(disk.run(() => Promise.reject(new Error("gone"))), /gone/);
});
