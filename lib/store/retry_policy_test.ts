/** Which failures count against a message, and which against the store. */
import assert from "node:assert/strict";
import { settled } from "../testing/settled.ts";
import { RejectedMessageError } from "../errors.ts";
import { Outage } from "../async/outage.ts";
import { RetryPolicy } from "./retry_policy.ts";
import { StoreError } from "./store.ts";

const signal = new AbortController().signal;
const objectError = (status = 413) => new StoreError(`${status}`, "object", `${status}`, status);
const storeError = (kind = "503 SlowDown") => new StoreError(kind, "store", kind, 503);

/** Attempts at a time that is set by hand; a sleep ends when that time has come. */
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
      if (!state.works) throw storeError();
    },
    onMessageFailed: (id, reason) => said.push(`${id}: ${reason}`),
  });
  const pass = async (ms: number) => {
    clock.nowMs += ms;
    for (const { untilMs, wake } of sleeps.splice(0)) {
      if (untilMs <= clock.nowMs) wake();
      else sleeps.push({ untilMs, wake });
    }
    await settled();
  };
  const attempt = (id: string, error?: Error) =>
    policy.attempt(id, () => error ? Promise.reject(error) : Promise.resolve(id), { signal });
  return { clock, said, state, policy, pass, attempt };
}

Deno.test("a message that fails by itself is retried a few times, and then rejected", async () => {
  const { attempt, said, clock } = start();
  for (const delayMs of [1_000, 5_000, 15_000]) {
    assert.deepEqual(await attempt("poison", objectError()), { kind: "later", delayMs });
    assert.equal((await attempt("other")).kind, "stored", "without waiting for it");
    clock.nowMs += delayMs;
  }
  await assert.rejects(
    attempt("poison", objectError()),
    (error) => error instanceof RejectedMessageError && /413/.test(error.message),
  );
  assert.deepEqual(said, ["poison: 413"]);
});

Deno.test("sixteen such messages at once do not delay another one, and cause one test of the store", async () => {
  const { attempt, state, said } = start();
  const poisons = Array.from({ length: 16 }, (_, index) => attempt(`poison ${index}`, objectError(400)));
  assert.ok((await Promise.all(poisons)).every(({ kind }) => kind === "later"));
  assert.equal((await attempt("good")).kind, "stored");
  assert.equal(state.tries, 1);
  assert.ok(!said.includes("up"), "the store was never down");
});

Deno.test("an error about a message counts as the store's when the store takes nothing else either", async () => {
  const { attempt, state, said, pass } = start();
  state.works = false;
  for (let time = 0; time < 50; time++) {
    const outcome = attempt("face", objectError(403));
    await pass(60_000);
    assert.equal((await outcome).kind, "later", "never rejected");
  }
  assert.equal(said[0], "403");
  assert.ok(said.length <= 6, "and reported every ten minutes only");
});

Deno.test("while the store is down all messages wait, and are attempted again later", async () => {
  const { attempt, pass, said } = start();
  assert.equal((await attempt("a", storeError())).kind, "later");
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
  await Promise.all(Array.from({ length: 16 }, (_, index) => attempt(`${index}`, storeError())));
  const next = attempt("next");
  await pass(500);
  assert.equal((await next).kind, "stored", "after the first delay, not the sixteenth");
  assert.deepEqual(said, ["503 SlowDown", "up"]);
});

Deno.test("a message that always meets errors of the store never stops the others, and is left to its sender", async () => {
  const { attempt, pass, said } = start();
  const kinds: string[] = [];
  for (let time = 0; time < 10; time++) {
    const poison = attempt("poison", storeError("500 InternalError"));
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

Deno.test("a store that fails at random rejects no message", async () => {
  const { attempt, pass } = start();
  let random = 1;
  for (let time = 0; time < 500; time++) {
    random = random * 48271 % 0x7fffffff;
    const outcome = attempt(`face ${time % 40}`, random % 2 ? storeError() : undefined);
    await pass(16_000);
    await outcome; // A RejectedMessageError would be thrown.
  }
});

Deno.test("a put that was under way when the store failed does not count as its recovery", async () => {
  const { policy, attempt, said, clock } = start();
  const slow = Promise.withResolvers<string>();
  const underWay = policy.attempt("slow", () => slow.promise, { signal });
  await Promise.resolve();
  await Promise.resolve();
  clock.nowMs = 10;
  await attempt("a", storeError());
  slow.resolve("slow");
  assert.equal((await underWay).kind, "stored");
  assert.deepEqual(said, ["503 SlowDown"]);
});

Deno.test("after a stop no message waits for the store", async () => {
  const stop = new AbortController();
  const { policy, attempt } = start();
  await attempt("a", storeError());
  stop.abort();
  const outcome = await policy.attempt("b", () => Promise.resolve(1), { signal: stop.signal });
  assert.equal(outcome.kind, "given back");
});
