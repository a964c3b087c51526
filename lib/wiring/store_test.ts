import assert from "node:assert/strict";
import { Health } from "../health/health.ts";
import type { Log } from "../log.ts";
import { openStoreHealth } from "./store.ts";

Deno.test("an outage of a store is logged for each cause, every ten minutes, and when it ends", async () => {
  const { signal } = new AbortController();
  const lines: string[] = [];
  const add = (message: string) => void lines.push(message);
  const health = new Health();
  let nowMs = 0;
  const store = openStoreHealth({ name: "the shelf" }, {
    component: health.component("store"),
    log: { debug: add, info: add, warn: add, error: add } satisfies Log,
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
  assert.deepEqual(lines, [
    "the store does not answer: no route; retrying",
    "the store does not answer: wrong key; retrying",
    "the store does not answer: wrong key; retrying",
    "the store answers again: the shelf",
  ]);
  assert.equal(health.notReady, undefined);
});
