import assert from "node:assert/strict";
import { forEachConcurrent } from "./for_each_concurrent.ts";
import { delay } from "./delay.ts";

async function* count(limit: number, taken: number[] = []): AsyncGenerator<number> {
  for (let item = 0; item < limit; item++) {
    taken.push(item);
    yield item;
  }
}

Deno.test("every item is done, never more than the limit at once, the next as soon as one is done", async () => {
  let underWay = 0;
  let most = 0;
  const done: number[] = [];
  await forEachConcurrent(count(8), 3, async (item) => {
    most = Math.max(most, ++underWay);
    await delay(item === 0 ? 60 : 5);
    underWay--;
    done.push(item);
  });
  assert.equal(most, 3);
  assert.equal(done.length, 8);
  assert.notEqual(done[2], 0, "the slow one held up the others");
});

Deno.test("the first error stops the taking and is thrown when the tasks under way have ended", async () => {
  const taken: number[] = [];
  let slowEnded = false;
  const failing = forEachConcurrent(count(100, taken), 2, async (item) => {
    if (item === 1) throw new Error("the first");
    await delay(20);
    slowEnded = true;
    throw new Error("a later one");
  });
  await assert.rejects(failing, /the first/);
  assert.ok(slowEnded);
  assert.ok(taken.length <= 3, `${taken.length} items were taken`);
});

Deno.test("an error is thrown while the next item is waited for, however long that takes", async () => {
  async function* oneOnly() {
    yield 1;
    await new Promise(() => {});
  }
  const failing = forEachConcurrent(oneOnly(), 4, async () => {
    await delay(5);
    throw new Error("broken");
  });
  await assert.rejects(failing, /broken/);
});

Deno.test("an error of the items is thrown after the tasks under way have ended", async () => {
  async function* broken() {
    yield 1;
    throw new Error("no more items");
  }
  let ended = false;
  const failing = forEachConcurrent(broken(), 4, async () => {
    await delay(10);
    ended = true;
  });
  await assert.rejects(failing, /no more items/);
  assert.ok(ended);
});
