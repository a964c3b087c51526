/** What a queue keeps, and what it drops. */
import assert from "node:assert/strict";
import { settled } from "../testing/settled.ts";
import type { Message } from "./bus.ts";
import { MessageQueue } from "./message_queue.ts";

const message = (topic: string, bytes = 1): Message => ({
  topic,
  payload: new Uint8Array(bytes),
  isRetained: false,
});

/** A queue, and the topics of the messages that it dropped. */
function start(limits: { maxWaiting?: number; maxWaitingBytes?: number } = {}) {
  const stop = new AbortController();
  const dropped: string[] = [];
  const queue = new MessageQueue({
    qos: 1,
    signal: stop.signal,
    ...limits,
    onDropped: ({ topic }) => dropped.push(topic),
  });
  const take = async (count: number) => {
    const topics: string[] = [];
    for await (const { topic } of queue.take()) if (topics.push(topic) === count) break;
    return topics;
  };
  return { queue, stop, dropped, take };
}

Deno.test("messages are taken in order, both waiting and later ones", async () => {
  const { queue, take } = start();
  queue.push(message("a"));
  queue.push(message("b"));
  const taken = take(4);
  await settled();
  queue.push(message("c"));
  await settled();
  queue.push(message("d"));
  assert.deepEqual(await taken, ["a", "b", "c", "d"]);
});

Deno.test("messages beyond the limit are dropped and counted until there is room again", async () => {
  const { queue, dropped, take } = start({ maxWaiting: 2 });
  for (const topic of ["a", "b", "c"]) queue.push(message(topic));
  assert.deepEqual(dropped, ["c"]);
  assert.deepEqual(await take(1), ["a"]);
  queue.push(message("d"));
  assert.deepEqual(await take(2), ["b", "d"]);
  assert.deepEqual(dropped, ["c"]);
});

Deno.test("the waiting bytes are limited, but an empty queue takes a message of any size", async () => {
  const { queue, dropped, take } = start({ maxWaitingBytes: 100 });
  queue.push(message("huge", 1_000));
  queue.push(message("b", 1));
  assert.deepEqual(dropped, ["b"]);
  assert.deepEqual(await take(1), ["huge"]);
  queue.push(message("c", 60));
  queue.push(message("d", 60));
  queue.push(message("e", 40));
  assert.deepEqual(await take(2), ["c", "e"]);
  assert.deepEqual(dropped, ["b", "d"]);
});

Deno.test("an abort ends the stream, also while it waits, and discards the waiting messages", async () => {
  const waiting = start();
  const taken = waiting.take(9);
  await settled();
  waiting.stop.abort();
  assert.deepEqual(await taken, []);

  const full = start();
  full.queue.push(message("a"));
  full.stop.abort();
  assert.deepEqual(await full.take(9), []);
});
