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

Deno.test("Backoff starts over after a healthy period and not before", () => {
  const backoff = new Backoff({ firstMs: 100, maxMs: 100_000, healthyMs: 60_000 });
  for (let failure = 0; failure < 5; failure++) backoff.next(1_000_000);
  assert.ok(backoff.next(1_060_000) > 1_000, "60 s of which the delay itself was a part are not healthy yet");
  assert.ok(backoff.next(1_300_000) <= 100);
});

Deno.test("Backoff takes no notice of a clock that is set", () => {
  const wallClock = Date.now;
  try {
    const backoff = new Backoff({ firstMs: 100, maxMs: 100_000 });
    for (let failure = 0; failure < 5; failure++) backoff.next();
    Date.now = () => wallClock() + 50 * 365 * 86_400_000; // A board without a battery hears from its time server.
    assert.ok(backoff.next() > 1_000);
  } finally {
    Date.now = wallClock;
  }
});

Deno.test("sleep() ends early when it is aborted, and at once when it was aborted before", async () => {
  const stop = new AbortController();
  const sleeping = delay(60_000, stop);
  stop.abort();
  await sleeping;
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

Deno.test("abortable() after the abort leaves no rejection of its work unhandled", async () => {
  const work = new Promise<void>((_, reject) => setTimeout(() => reject(new Error("broken")), 5));
  await assert.rejects(abortable(work, { signal: AbortSignal.abort(new Error("stopping")) }), /stopping/);
  await delay(20);
});

Deno.test("atMost() waits for work that settles, also badly, and no longer than its limit", async () => {
  await atMost(60_000, Promise.resolve());
  await atMost(60_000, Promise.reject(new Error("broken")));
  await atMost(5, never);
});
