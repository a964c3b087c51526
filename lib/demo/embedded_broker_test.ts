/** The broker of the demo under load: it delivers every message, and whole. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { inProject } from "../testing/files.ts";
import { run } from "../testing/command.ts";
import { openTestBus, subscribed, take } from "../testing/test_bus.ts";
import { startEmbeddedBroker } from "./embedded_broker.ts";

const CLIENTS = 3;
const ROUNDS = 20;
/** A round has one to four messages. */
const MESSAGES = CLIENTS * ROUNDS * 2.5;
/** As on a machine that is busy: bytes of several messages arrive meanwhile. */
const BUSY_MS = 12;
/** A client whose messages are lost would wait without end. */
const LIMIT_MS = 60_000;

/** A client in a process of its own: it publishes the hash of random bytes with the bytes, several messages at once. */
const CLIENT = `
  import { createHash } from "node:crypto";
  import mqtt from "mqtt";
  const client = await mqtt.connectAsync(Deno.args[0]);
  for (let round = 0; round < ${ROUNDS}; round++) {
    await Promise.all(Array.from({ length: 1 + round % 4 }, () => {
      const bytes = crypto.getRandomValues(new Uint8Array(20_000 + Math.floor(Math.random() * 40_000)));
      return client.publishAsync("hashed", Buffer.concat([createHash("sha256").update(bytes).digest(), bytes]), { qos: 1 });
    }));
  }
  await client.endAsync();
`;

function isWhole(payload: Uint8Array): boolean {
  return createHash("sha256").update(payload.subarray(32)).digest().equals(payload.subarray(0, 32));
}

Deno.test("a busy broker delivers the messages of several programs whole", async () => {
  let whole = 0;
  await using broker = await startEmbeddedBroker({
    onMessage: (topic, payload) => {
      if (topic !== "hashed") return;
      assert.ok(isWhole(payload));
      whole++;
      for (const untilMs = performance.now() + BUSY_MS; performance.now() < untilMs;);
    },
  });
  await using subscriber = openTestBus(broker.url);
  await subscriber.until((changes) => changes.some(({ up }) => up));
  const taken = take(subscriber, "hashed", MESSAGES);
  await subscribed(subscriber);
  const args = ["eval", "--config", inProject("deno.json"), `import { Buffer } from "node:buffer";${CLIENT}`];
  await Promise.all(
    Array.from(
      { length: CLIENTS },
      () => run(Deno.execPath(), [...args, broker.url], { limitMs: LIMIT_MS }),
    ),
  );
  assert.ok((await taken).every(({ payload }) => isWhole(payload)));
  assert.equal(whole, MESSAGES);
});
