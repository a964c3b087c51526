import assert from "node:assert/strict";
import { Health } from "../health/health.ts";
import type { Log } from "../log.ts";
import { watchedStore } from "./watched_store.ts";

Deno.test("a store that is away is reported once for each cause, every ten minutes, and once when it is back", async () => {
  const { signal } = new AbortController();
  const told: string[] = [];
  const tell = (message: string) => void told.push(message);
  const log: Log = { debug: tell, info: tell, warn: tell, error: tell };
  const health = new Health();
  let nowMs = 0;
  const store = watchedStore({ name: "the shelf" }, {
    part: health.component("store"),
    log,
    times: { nowMs: () => nowMs },
  });
  const works = () => store.during(async () => {}, { signal });
  const fails = (reason: string) =>
    assert.rejects(store.during(() => Promise.reject(new Error(reason)), { signal }));

  await works();
  for (const reason of ["no route", "no route", "wrong key", "wrong key"]) await fails(reason);
  assert.equal(health.notReady, "store: wrong key");
  nowMs = 600_000;
  await fails("wrong key");
  await works();
  await works();
  assert.deepEqual(told, [
    "the store does not answer: no route; trying again",
    "the store does not answer: wrong key; trying again",
    "the store does not answer: wrong key; trying again",
    "the store answers again: the shelf",
  ]);
  assert.equal(health.notReady, undefined);
});
