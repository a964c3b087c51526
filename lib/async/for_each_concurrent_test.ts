/** Concurrency with a limit. Tasks are ordered by promises and turns of the event loop; no test depends on time. */
import assert from "node:assert/strict";
import { forEachConcurrent } from "./for_each_concurrent.ts";

async function* count(limit: number, taken: number[] = []): AsyncGenerator<number> {
  for (let item = 0; item < limit; item++) {
    taken.push(item);
    yield item;
  }
}

/** One turn of the event loop: every promise that can settle now has settled. */
const turn = () => new Promise<void>((resolve) => setTimeout(resolve));

Deno.test("every item is processed, at most `limit` at a time, the next one when a task ends", async () => {
  const others = Promise.withResolvers<void>();
  let running = 0;
  let most = 0;
  const done: number[] = [];
  await forEachConcurrent(count(8), 3, async (item) => {
    most = Math.max(most, ++running);
    await turn();
    if (item === 0) await others.promise;
    running--;
    if (done.push(item) === 7) others.resolve();
  });
  assert.equal(most, 3);
  assert.equal(done.length, 8);
  assert.equal(done.at(-1), 0, "a slow task does not delay the others");
});

Deno.test("after the first error no item is taken, and the error is thrown when the running tasks have ended", async () => {
  const taken: number[] = [];
  let slowEnded = false;
  const failing = forEachConcurrent(count(100, taken), 2, async (item) => {
    if (item === 1) throw new Error("the first");
    await turn();
    slowEnded = true;
    throw new Error("a later one");
  });
  await assert.rejects(failing, /the first/);
  assert.ok(slowEnded);
  assert.ok(taken.length <= 3, `${taken.length} items were taken`);
});

Deno.test("an error is thrown although the next item never arrives", async () => {
  async function* oneOnly() {
    yield 1;
    await new Promise(() => {});
  }
  const failing = forEachConcurrent(oneOnly(), 4, async () => {
    await turn();
    throw new Error("broken");
  });
  await assert.rejects(failing, /broken/);
});

Deno.test("an error of the items is thrown after the running tasks have ended", async () => {
  async function* broken() {
    yield 1;
    throw new Error("no more items");
  }
  let ended = false;
  const failing = forEachConcurrent(broken(), 4, async () => {
    await turn();
    ended = true;
  });
  await assert.rejects(failing, /no more items/);
  assert.ok(ended);
});
