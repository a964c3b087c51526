/** Whether the store answers. */
import assert from "node:assert/strict";
import { ConfigError } from "../errors.ts";
import { StoreHealth } from "./store_health.ts";

const { signal } = new AbortController();
const works = async () => {};
const fails = async () => {
  throw new Error("no route");
};

Deno.test("StoreHealth reports the result of each request", async () => {
  const results: (string | undefined)[] = [];
  const health = new StoreHealth((failure) => results.push(failure));
  await health.during(works, { signal });
  await assert.rejects(health.during(fails, { signal }), /no route/);
  await health.during(works, { signal });
  assert.deepEqual(results, [undefined, "no route", undefined]);
});

Deno.test("failure() checks the store once for all concurrent callers", async () => {
  let checks = 0;
  const check = async () => {
    checks++;
    await fails();
  };
  const health = new StoreHealth(() => {});
  const failures = await Promise.all([health.failure(check, { signal }), health.failure(check, { signal })]);
  assert.deepEqual(failures, ["no route", "no route"]);
  assert.equal(checks, 1);
});

Deno.test("failure() checks the store again after 30 s, and after 5 s while it does not answer", async () => {
  let nowMs = 0;
  const health = new StoreHealth(() => {}, { nowMs: () => nowMs });
  await health.during(works, { signal });
  nowMs += 29_999;
  assert.equal(await health.failure(fails, { signal }), undefined);
  nowMs += 1;
  assert.equal(await health.failure(fails, { signal }), "no route");
  nowMs += 4_999;
  assert.equal(await health.failure(works, { signal }), "no route");
  nowMs += 1;
  assert.equal(await health.failure(works, { signal }), undefined);
});

Deno.test("a request that is aborted when the program stops is not a failure of the store", async () => {
  const health = new StoreHealth(() => assert.fail("nothing to report"));
  await assert.rejects(health.during(fails, { signal: AbortSignal.abort() }));
});

Deno.test("the reason of a failure contains the hint of the error", async () => {
  const results: (string | undefined)[] = [];
  const health = new StoreHealth((failure) => results.push(failure));
  const wrong = async () => {
    throw new ConfigError("no bucket", "create it");
  };
  await assert.rejects(health.during(wrong, { signal }));
  assert.deepEqual(results, ["no bucket. Try: create it"]);
});
