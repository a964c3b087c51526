/** The store that settings open, and its credentials. */
import assert from "node:assert/strict";
import { Health } from "../health/health.ts";
import type { Log } from "../log.ts";
import type { Store } from "../store/store.ts";
import { until } from "../testing/until.ts";
import { checkStore, openRetryPolicy, openStoreHealth } from "./store.ts";

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

Deno.test("a store that does not answer at the start is tested until it does, also without messages", async () => {
  const stop = new AbortController();
  const lines: string[] = [];
  const add = (message: string) => void lines.push(message);
  const log: Log = { debug: add, info: add, warn: add, error: add };
  const health = new Health();
  const reasons = ["no route", "wrong key"];
  const store = {
    name: "the shelf",
    check: () => Promise.reject(new Error("timed out")),
    tryOut: () => {
      const reason = reasons.shift();
      return reason === undefined ? Promise.resolve() : Promise.reject(new Error(reason));
    },
  } as unknown as Store;
  const fault = await checkStore(store, { signal: stop.signal, log, ifAbsent: true });
  const component = health.component("store");
  const seen = new Set<string | undefined>();
  health.onChange = () => void seen.add(health.notReady);
  openRetryPolicy(store, { log, component, fault, signal: stop.signal, testMs: 1 });
  await until(() => health.notReady === undefined, "the store answers", { everyMs: 5 });
  stop.abort();
  assert.deepEqual(lines, ["the store does not answer yet: timed out", "the store answers: the shelf"]);
  assert.deepEqual([...seen].slice(0, 3), ["store: timed out", "store: no route", "store: wrong key"]);
});

Deno.test("the end of an outage since the start is reported once, also where a put failed meanwhile", async () => {
  const stop = new AbortController();
  const { signal } = stop;
  const lines: string[] = [];
  const add = (message: string) => void lines.push(message);
  const log: Log = { debug: add, info: add, warn: add, error: add };
  const health = new Health();
  let works = false;
  const store = {
    name: "the shelf",
    tryOut: () => works ? Promise.resolve() : Promise.reject(new Error("no route")),
  } as Partial<Store> as Store;
  const component = health.component("store");
  const policy = openRetryPolicy(store, { log, component, fault: "no route", signal, testMs: 1 });
  await policy.attempt("face", () => Promise.reject(new Error("no route")), { signal });
  works = true;
  await until(() => health.notReady === undefined, "the store answers", { everyMs: 5 });
  stop.abort();
  assert.deepEqual(lines, ["cannot store: no route; retrying", "the store is back: the shelf"]);
});

Deno.test("a store that answers at the start is ready at once", async () => {
  const { signal } = new AbortController();
  const health = new Health();
  const quiet = () => {};
  const log: Log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
  const store = { name: "the shelf", check: () => Promise.resolve() } as unknown as Store;
  const fault = await checkStore(store, { signal, log, ifAbsent: true });
  openRetryPolicy(store, { log, component: health.component("store"), fault, signal });
  assert.equal(health.notReady, undefined);
});
