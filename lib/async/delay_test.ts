/** Backoff, and waiting with a limit or a signal. */
import assert from "node:assert/strict";
import { Backoff } from "./backoff.ts";
import { abortable, atMost, delay } from "./delay.ts";

const never = new Promise<never>(() => {});

Deno.test("Backoff doubles up to its limit, each delay between half and all of its step", () => {
  const backoff = new Backoff({ firstMs: 100, maxMs: 1_000, healthyMs: 60_000 });
  for (const step of [100, 200, 400, 800, 1_000, 1_000]) {
    const delayMs = backoff.next(5_000);
    assert.ok(delayMs >= step / 2 && delayMs <= step, `${delayMs} is not in the step of ${step}`);
  }
});

Deno.test("Backoff restarts after a healthy period and not before", () => {
  const backoff = new Backoff({ firstMs: 100, maxMs: 100_000, healthyMs: 60_000 });
  for (let failure = 0; failure < 5; failure++) backoff.next(1_000_000);
  assert.ok(backoff.next(1_060_000) > 1_000, "60 s that include the delay itself are no healthy period");
  assert.ok(backoff.next(1_300_000) <= 100);
});

Deno.test("Backoff ignores a change of the wall clock", () => {
  const wallClock = Date.now;
  try {
    const backoff = new Backoff({ firstMs: 100, maxMs: 100_000 });
    for (let failure = 0; failure < 5; failure++) backoff.next();
    Date.now = () => wallClock() + 50 * 365 * 86_400_000; // A board without a battery reaches its time server.
    assert.ok(backoff.next() > 1_000);
  } finally {
    Date.now = wallClock;
  }
});

Deno.test("delay() ends at the abort, and at once when the signal is already aborted", async () => {
  const stop = new AbortController();
  const waiting = delay(60_000, stop);
  stop.abort();
  await waiting;
  await delay(60_000, stop);
});

Deno.test("abortable() settles like its work, or rejects with the reason of the abort", async () => {
  const stop = new AbortController();
  assert.equal(await abortable(Promise.resolve(7), stop), 7);
  await assert.rejects(abortable(Promise.reject(new Error("broken")), stop), /broken/);
  const waiting = abortable(never, stop);
  stop.abort(new Error("stopping"));
  await assert.rejects(waiting, /stopping/);
});

Deno.test("abortable() leaves no unhandled rejection when its work fails after the abort", async () => {
  const { promise, reject } = Promise.withResolvers<void>();
  await assert.rejects(
    abortable(promise, { signal: AbortSignal.abort(new Error("stopping")) }),
    /stopping/,
  );
  reject(new Error("broken"));
  await new Promise((resolve) => setTimeout(resolve)); // Deno reports an unhandled rejection before the next timer.
});

Deno.test("atMost() returns the result of its work, and undefined for a failure or after its limit", async () => {
  assert.equal(await atMost(60_000, Promise.resolve(7)), 7);
  assert.equal(await atMost(60_000, Promise.reject(new Error("broken"))), undefined);
  assert.equal(await atMost(0, never), undefined);
});
