import assert from "node:assert/strict";
import { RejectedMessageError } from "../errors.ts";
import { Outage } from "../async/outage.ts";
import { RetryPolicy } from "./retry_policy.ts";
import { StoreError } from "./store.ts";

const signal = new AbortController().signal;
const mine = (status = 413) => new StoreError(`${status}`, "object", `${status}`, status);
const stores = (kind = "503 SlowDown") => new StoreError(kind, "store", kind, 503);

/** Attempts at a time set by hand; a sleep ends when that time has come. */
function start() {
  const clock = { nowMs: 0 };
  const said: string[] = [];
  const sleeps: { untilMs: number; wake: () => void }[] = [];
  const state = { works: true, tries: 0 };
  const times = { nowMs: () => clock.nowMs };
  const outage = new Outage({ down: (reason) => said.push(reason), up: () => said.push("up") }, times);
  const policy = new RetryPolicy({
    ...times,
    outage,
    sleep: (ms) => new Promise((wake) => sleeps.push({ untilMs: clock.nowMs + ms, wake })),
    tryOut: async () => {
      state.tries++;
      if (!state.works) throw stores();
    },
    onMessageFailed: (id, reason) => said.push(`${id}: ${reason}`),
  });
  const pass = async (ms: number) => {
    clock.nowMs += ms;
    for (const { untilMs, wake } of sleeps.splice(0)) {
      if (untilMs <= clock.nowMs) wake();
      else sleeps.push({ untilMs, wake });
    }
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  };
  const attempt = (id: string, error?: Error) =>
    policy.attempt(id, () => error ? Promise.reject(error) : Promise.resolve(id), { signal });
  return { clock, said, state, policy, pass, attempt };
}

Deno.test("a message that fails for its own reasons is tried again a few times, and then rejected", async () => {
  const { attempt, said, clock } = start();
  for (const delayMs of [1_000, 5_000, 15_000]) {
    assert.deepEqual(await attempt("poison", mine()), { kind: "later", delayMs });
    assert.equal((await attempt("other")).kind, "stored", "and nobody waits for it");
    clock.nowMs += delayMs;
  }
  await assert.rejects(
    attempt("poison", mine()),
    (error) => error instanceof RejectedMessageError && /413/.test(error.message),
  );
  assert.deepEqual(said, ["poison: 413"]);
});

Deno.test("sixteen such messages at once do not make another one wait, and are proved once", async () => {
  const { attempt, state, said } = start();
  const poisons = Array.from({ length: 16 }, (_, index) => attempt(`poison ${index}`, mine(400)));
  assert.ok((await Promise.all(poisons)).every(({ kind }) => kind === "later"));
  assert.equal((await attempt("good")).kind, "stored");
  assert.equal(state.tries, 1);
  assert.ok(!said.includes("up"), "the store was never away");
});

Deno.test("what looks like the message's fault is the store's when the store takes nothing else either", async () => {
  const { attempt, state, said, pass } = start();
  state.works = false;
  for (let time = 0; time < 50; time++) {
    const outcome = attempt("face", mine(403));
    await pass(60_000);
    assert.equal((await outcome).kind, "later", "never rejected");
  }
  assert.equal(said[0], "403");
  assert.ok(said.length <= 6, "and reported every ten minutes only");
});

Deno.test("while the store is away everybody waits, and is let in again by and by", async () => {
  const { attempt, pass, said } = start();
  assert.equal((await attempt("a", stores())).kind, "later");
  let isDone = false;
  const waiting = attempt("b").then(({ kind }) => kind).finally(() => isDone = true);
  await pass(200);
  assert.equal(isDone, false);
  await pass(500);
  assert.equal(await waiting, "stored");
  assert.deepEqual(said, ["503 SlowDown", "up"]);
});

Deno.test("attempts that began together and fail are one failure of the store", async () => {
  const { attempt, pass, said } = start();
  await Promise.all(Array.from({ length: 16 }, (_, index) => attempt(`${index}`, stores())));
  const next = attempt("next");
  await pass(500);
  assert.equal((await next).kind, "stored", "after the first delay, not the sixteenth");
  assert.deepEqual(said, ["503 SlowDown", "up"]);
});

Deno.test("a message that only the store's own errors meet never stops the others, and is left to its sender", async () => {
  const { attempt, pass, said } = start();
  const kinds: string[] = [];
  for (let time = 0; time < 10; time++) {
    const poison = attempt("poison", stores("500 InternalError"));
    await pass(1_000);
    kinds.push((await poison).kind);
    const good = attempt("good");
    if (time > 0) assert.equal((await good).kind, "stored", "at once");
    await pass(1_000);
    await good;
  }
  assert.deepEqual(kinds, [...Array(8).fill("later"), "given back", "given back"]);
  assert.deepEqual(said, ["500 InternalError", "up"]);
});

Deno.test("no message is rejected by a store that slows everybody down at random", async () => {
  const { attempt, pass } = start();
  let random = 1;
  for (let time = 0; time < 500; time++) {
    random = random * 48271 % 0x7fffffff;
    const outcome = attempt(`face ${time % 40}`, random % 2 ? stores() : undefined);
    await pass(16_000);
    await outcome; // A RejectedMessageError would be thrown.
  }
});

Deno.test("a put that was under way when the store went away does not count as its return", async () => {
  const { policy, attempt, said, clock } = start();
  const slow = Promise.withResolvers<string>();
  const underWay = policy.attempt("slow", () => slow.promise, { signal });
  await Promise.resolve();
  await Promise.resolve();
  clock.nowMs = 10;
  await attempt("a", stores());
  slow.resolve("slow");
  assert.equal((await underWay).kind, "stored");
  assert.deepEqual(said, ["503 SlowDown"]);
});

Deno.test("a stop lets nobody wait for the store", async () => {
  const stop = new AbortController();
  const { policy, attempt } = start();
  await attempt("a", stores());
  stop.abort();
  const outcome = await policy.attempt("b", () => Promise.resolve(1), { signal: stop.signal });
  assert.equal(outcome.kind, "given back");
});
