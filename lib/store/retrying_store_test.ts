/** Which messages are retried, and which are left to their senders. */
import assert from "node:assert/strict";
import { RetryPolicy } from "./retry_policy.ts";
import { RetryingStore } from "./retrying_store.ts";
import { StoreError } from "./store.ts";

interface TestMessage {
  readonly id: string;
  readonly payload: Uint8Array;
}

const signal = new AbortController().signal;
const message = (id: string, bytes = 1): TestMessage => ({ id, payload: new Uint8Array(bytes) });
const fail = () => Promise.reject(new StoreError("413", "object", "413", 413));

/** Retries whose waits end when `wake` is called. */
function start({ maxWaiting = 2 } = {}) {
  const requeued: string[] = [];
  const dropped: string[] = [];
  const waits: (() => void)[] = [];
  const policy = new RetryPolicy({
    outage: { failed: () => {}, worked: () => {} },
    tryOut: () => Promise.resolve(),
  });
  const retrying = new RetryingStore<TestMessage>({
    policy,
    maxWaiting,
    requeue: ({ id }) => requeued.push(id),
    onDropped: (message) => {
      retrying.dropped(message);
      dropped.push(message.id);
    },
    signal,
    sleep: () => new Promise((resolve) => waits.push(resolve)),
  });
  const wake = async () => {
    for (const wait of waits.splice(0)) wait();
    await Promise.resolve();
  };
  let saves = 0;
  const save = (message: TestMessage, put: () => Promise<string>) =>
    retrying.once(message.id, message, async () => {
      saves++;
      await retrying.save(message.id, message, put, { signal });
    });
  return { retrying, requeued, dropped, wake, save, saves: () => saves };
}

Deno.test("a message that fails is requeued after its delay, and its copies are ignored meanwhile", async () => {
  const { save, saves, requeued, wake } = start();
  const first = message("face");
  await save(first, fail);
  await save(message("face"), fail);
  assert.equal(saves(), 1);
  assert.deepEqual(requeued, []);
  await wake();
  assert.deepEqual(requeued, ["face"]);
  await save(message("face"), fail);
  assert.equal(saves(), 1, "also while it waits in the queue");
  await save(first, () => Promise.resolve("key"));
  assert.equal(saves(), 2);
  await save(message("face"), () => Promise.resolve("key"));
  assert.equal(saves(), 3, "a copy after the end is a message like any other");
});

Deno.test("beyond the limits in number and in bytes a message is left to its sender", async () => {
  const { save, saves, dropped } = start();
  await save(message("large", 60 * 2 ** 20), fail);
  await save(message("too large", 5 * 2 ** 20), fail);
  assert.deepEqual(dropped, ["too large"]);
  await save(message("small"), fail);
  await save(message("too many"), fail);
  assert.deepEqual(dropped, ["too large", "too many"]);
  await save(message("too many"), () => Promise.resolve("key"));
  assert.equal(saves(), 5, "and attempted when it comes again");
});

Deno.test("a message that the queue drops is attempted when it comes again", async () => {
  const { save, saves, retrying } = start();
  const first = message("face");
  await save(first, fail);
  retrying.dropped(first);
  await save(message("face"), fail);
  assert.equal(saves(), 2);
});
