/** Reports of failures of the outbox's disk. */
import assert from "node:assert/strict";
import { Health } from "../health/health.ts";
import type { Log } from "../log.ts";
import { add, FaultyDisk, State } from "../testing/outbox_state.ts";
import { diskReport } from "./outbox.ts";

Deno.test("a failure of the outbox's disk is logged for each cause, every ten minutes, and when it ends", async () => {
  await using state = new State();
  const lines: string[] = [];
  const write: Log["info"] = (message, { minutes = 0 } = {}) => void lines.push(`${minutes} min: ${message}`);
  const health = new Health();
  const disk = new FaultyDisk();
  let nowMs = 0;
  const onDiskFailure = diskReport("/state", {
    component: health.component("disk"),
    log: { debug: write, info: write, warn: write, error: write },
    times: { nowMs: () => nowMs },
  });
  await using outbox = await state.open({}, { disk, onDiskFailure });
  assert.equal(health.notReady, undefined);

  disk.fault = "ENOSPC";
  await add(outbox);
  for (let time = 0; time <= 240; time++, nowMs += 5_000) await outbox.recover();
  disk.fault = "EROFS";
  for (let time = 0; time < 3; time++) await outbox.recover();
  assert.match(
    health.notReady!,
    /^disk: cannot write the outbox in "\/state": the disk is read-only: EROFS [^"]*$/,
  );
  disk.fault = undefined;
  for (let time = 0; time < 3; time++) await outbox.recover();
  assert.equal(health.notReady, undefined);

  const line = (minutes: number, reason: string) =>
    `${minutes} min: cannot write the outbox in "/state": ${reason} (os error 1); ` +
    "faces are kept in memory and sent from there";
  assert.deepEqual(lines, [
    ...[0, 10, 20].map((minutes) => line(minutes, "the disk is full: ENOSPC")),
    line(20, "the disk is read-only: EROFS"),
    "0 min: the disk can be written again",
  ]);
});

Deno.test("a state folder that may not be written is reported with the setting of another one", () => {
  const lines: string[] = [];
  const error = (message: string) => void lines.push(message);
  const log = { debug: error, info: error, warn: error, error };
  const onDiskFailure = diskReport("/state", { component: new Health().component("disk"), log });
  onDiskFailure("Permission denied (os error 13)");
  assert.deepEqual(lines, [
    'cannot write the outbox in "/state": Permission denied (os error 13); faces are kept in memory and sent from there. ' +
    "Try: set --state to a folder that this user can write",
  ]);
});
