/** Which faces an uplink rejects. */
import assert from "node:assert/strict";
import { RejectedMessageError } from "../errors.ts";
import type { Bus, Message } from "./bus.ts";
import { Uplink } from "./uplink.ts";

const message = (bytes: number): Message => ({
  topic: "faces",
  payload: new Uint8Array(bytes).fill(bytes),
  isRetained: false,
});

/** An uplink to a broker that closes the connection on messages of more than 100 bytes. */
function start({ limit = 100 } = {}) {
  const sent: number[] = [];
  const to = {
    connected: true,
    publish: async (_topic: string, payload: Uint8Array) => {
      sent.push(payload.length);
      await Promise.resolve();
      if (payload.length <= limit) return;
      uplink.disconnected();
      throw new Error("the connection was closed");
    },
  };
  const uplink = new Uplink(to as unknown as Bus, { qos: 1, maxBytes: 1_000 });
  const outcome = (bytes: number) =>
    uplink.forward(message(bytes)).then(
      () => "forwarded",
      (error) => error instanceof RejectedMessageError ? error.message : "later",
    );
  return { to, sent, outcome };
}

Deno.test("a face above the limit is rejected with its size, and never sent", async () => {
  const { outcome, sent } = start();
  assert.equal(await outcome(1_001), "larger than --max-message of the forwarder (1001 bytes)");
  assert.deepEqual(sent, []);
});

Deno.test("a face that breaks the connection five times is rejected if others get through", async () => {
  const { outcome, sent } = start();
  for (let time = 1; time <= 4; time++) {
    assert.equal(await outcome(500), "later");
    assert.equal(await outcome(50), "forwarded");
  }
  const reason = "the connection to the broker in the cloud breaks whenever it is sent (500 bytes)";
  assert.equal(await outcome(500), reason);
  const before = sent.length;
  assert.equal(await outcome(500), reason, "and then at once");
  assert.equal(sent.length, before);
});

Deno.test("where no face gets through, or no broker is connected, no face is rejected", async () => {
  const { outcome, to, sent } = start({ limit: 0 });
  for (let time = 0; time < 20; time++) {
    assert.deepEqual([await outcome(10), await outcome(20)], ["later", "later"]);
  }
  const before = sent.length;
  to.connected = false;
  for (let time = 0; time < 20; time++) assert.equal(await outcome(30), "later");
  assert.equal(sent.length, before);
});
