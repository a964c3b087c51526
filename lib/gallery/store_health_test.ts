import assert from "node:assert/strict";
import { ConfigError } from "../errors.ts";
import { StoreHealth } from "./store_health.ts";

const { signal } = new AbortController();
const works = async () => {};
const fails = async () => {
  throw new Error("no route");
};

Deno.test("whatever is learnt of a store is told", async () => {
  const told: (string | undefined)[] = [];
  const health = new StoreHealth((trouble) => told.push(trouble));
  await health.during(works, { signal });
  await assert.rejects(health.during(fails, { signal }), /no route/);
  assert.equal(await health.trouble(works, { signal }), "no route", "it was learnt just now");
  await health.during(works, { signal });
  assert.deepEqual(told, [undefined, "no route", undefined]);
});

Deno.test("what was never learnt is looked for, once for all who ask", async () => {
  let looks = 0;
  const look = async () => {
    looks++;
    await fails();
  };
  const health = new StoreHealth(() => {});
  const troubles = await Promise.all([health.trouble(look, { signal }), health.trouble(look, { signal })]);
  assert.deepEqual(troubles, ["no route", "no route"]);
  assert.equal(looks, 1);
});

Deno.test("the end of the program is no trouble of the store", async () => {
  const health = new StoreHealth(() => assert.fail("nothing to tell"));
  await assert.rejects(health.during(fails, { signal: AbortSignal.abort() }));
});

Deno.test("trouble that can be mended says how", async () => {
  const told: (string | undefined)[] = [];
  const health = new StoreHealth((trouble) => told.push(trouble));
  const wrong = async () => {
    throw new ConfigError("no bucket", "make it");
  };
  await assert.rejects(health.during(wrong, { signal }));
  assert.deepEqual(told, ["no bucket; try: make it"]);
});
