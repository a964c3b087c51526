/** Whether a forwarder notices that it forwards a broker to itself. */
import assert from "node:assert/strict";
import { ConfigError } from "../errors.ts";
import { ManualTime } from "../testing/manual_time.ts";
import type { Bus, StreamOptions } from "./bus.ts";
import { checkNoLoop } from "./loop_check.ts";
import { MessageQueue } from "./message_queue.ts";

/** Two connections; what one publishes arrives at the other after `delayMs`, or never. */
function start(delayMs: number) {
  const time = new ManualTime();
  let queue: MessageQueue | undefined;
  const edge = {
    ready: () => Promise.resolve(),
    messages: (_: string, options: StreamOptions) => (queue = new MessageQueue(options)).take(),
  };
  const cloud = {
    ready: () => Promise.resolve(),
    publish: async (topic: string, payload: Uint8Array<ArrayBuffer>) => {
      if (delayMs === Infinity) return;
      void time.delay(delayMs).then(() => queue?.push({ topic, payload, isRetained: false }));
    },
  };
  const checking = checkNoLoop(edge as unknown as Bus, cloud as unknown as Bus, {
    topic: "haarlem/board1/forwarder/loop",
    address: "mqtt://cloud.example",
    signal: new AbortController().signal,
    wait: time.delay,
  });
  return { time, checking };
}

Deno.test("a test message that arrives at the edge is a loop, also from a broker that stood still for a while", async () => {
  for (const delayMs of [1, 400, 3_000]) {
    const { time, checking } = start(delayMs);
    const rejected = assert.rejects(checking, ConfigError);
    await time.advance(10_000);
    await rejected;
  }
});

Deno.test("two brokers are no loop, and the check ends", async () => {
  const { time, checking } = start(Infinity);
  await time.advance(5_000);
  await checking;
});
