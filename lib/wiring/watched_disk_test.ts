import assert from "node:assert/strict";
import { add, FaultyDisk, State } from "../testing/outbox_state.ts";
import { Health } from "../health/health.ts";
import type { Log } from "../log.ts";
import { watchedDisk } from "./watched_disk.ts";

Deno.test("an outbox reports each cause of a disk trouble once, every ten minutes, and its end once", async () => {
  await using state = new State();
  const said: string[] = [];
  const say: Log["info"] = (message, { minutes = 0 } = {}) => void said.push(`${minutes} min: ${message}`);
  const health = new Health();
  const disk = new FaultyDisk();
  let nowMs = 0;
  const onDiskFailure = watchedDisk("/state", {
    part: health.component("disk"),
    log: { debug: say, info: say, warn: say, error: say },
    times: { nowMs: () => nowMs },
  });
  await using outbox = await state.open({}, { disk, onDiskFailure });
  assert.equal(health.notReady, undefined);

  disk.fault = "ENOSPC";
  await add(outbox);
  for (let time = 0; time <= 240; time++, nowMs += 5_000) await outbox.recover();
  disk.fault = "EROFS";
  for (let time = 0; time < 3; time++) await outbox.recover();
  assert.match(health.notReady!, /^disk: the disk is read-only: EROFS .*, "\/state" cannot be written$/);
  disk.fault = undefined;
  for (let time = 0; time < 3; time++) await outbox.recover();
  assert.equal(health.notReady, undefined);

  const inMemory = "faces are kept in memory and sent from there";
  assert.deepEqual(said, [
    ...[0, 10, 20].map((minutes) => `${minutes} min: the disk is full: ENOSPC (os error 1); ${inMemory}`),
    `20 min: the disk is read-only: EROFS (os error 1); ${inMemory}`,
    "0 min: the disk can be written again",
  ]);
});
