/** When a courier sends which face. */
import assert from "node:assert/strict";
import { bytesOf, idOf, pathOf, Round, upTo } from "../testing/outbox_round.ts";

Deno.test("the oldest faces are sent first, at most maxInFlight at a time, and each receipt makes room", async () => {
  await using round = await Round.start(5, { maxInFlight: 2 });
  assert.deepEqual(await round.look(), [1, 2]);
  await round.courier.receive([{ id: idOf(2) }]);
  assert.deepEqual(await round.look(), [3]);
  assert.deepEqual(await round.look(), []);
  await round.courier.receive([{ id: idOf(1) }, { id: idOf(3) }]);
  assert.deepEqual(await round.look(), [4, 5]);
  assert.equal(round.outbox.size, 2);
  assert.equal(round.courier.resent, 0);
});

Deno.test("a new face is sent at once", async () => {
  await using round = await Round.start(0);
  assert.deepEqual(await round.look(), []);
  await round.add();
  await round.add();
  await round.idle();
  assert.deepEqual(round.sent, [1, 2]);
});

Deno.test("a face without a receipt is sent again, with doubled delays up to a limit", async () => {
  await using round = await Round.start(1, { retryMs: 5_000, maxRetryMs: 15_000 });
  assert.deepEqual(await round.look(), [1]);
  for (const delayMs of [5_000, 10_000, 15_000, 15_000]) {
    round.nowMs += delayMs - 1;
    assert.deepEqual(await round.look(), [], `not yet after ${delayMs} ms`);
    round.nowMs += 1;
    assert.deepEqual(await round.look(), [1], `after ${delayMs} ms`);
  }
  assert.equal(round.courier.resent, 4);
});

Deno.test("setting the machine's clock back by an hour delays nothing", async () => {
  const realNow = Date.now;
  try {
    await using round = await Round.start(1, { retryMs: 1_000 });
    assert.deepEqual(await round.look(), [1]);
    Date.now = () => realNow() - 3_600_000;
    round.nowMs += 1_000;
    assert.deepEqual(await round.look(), [1]);
  } finally {
    Date.now = realNow;
  }
});

Deno.test("without a broker nothing is sent; after the reconnection all faces are due, oldest first", async () => {
  await using round = await Round.start(3);
  assert.deepEqual(await round.look(), [1, 2, 3]);
  round.connected = false;
  round.nowMs += 60_000;
  assert.equal(await round.add(), 4);
  assert.deepEqual(await round.look(), []);

  round.nowMs -= 59_000; // Not yet due by their own time.
  round.connected = true;
  round.courier.reconnected();
  assert.deepEqual(await round.look(), [1, 2, 3, 4]);
  assert.equal(round.courier.resent, 3, "the fourth was not sent before");
  round.nowMs += 5_000;
  assert.deepEqual(await round.look(), [1, 2, 3, 4], "the delays start over");
});

Deno.test("a face is sent again after its publish failed", async () => {
  let attempts = 0;
  await using round = await Round.start(1, { send: () => Promise.reject(new Error(`broken ${++attempts}`)) });
  await round.look();
  round.nowMs += 5_000;
  await round.look();
  assert.equal(attempts, 2);
  assert.equal(round.outbox.size, 1);
});

Deno.test("receipts for unknown faces and repeated receipts change nothing", async () => {
  await using round = await Round.start(2);
  await round.look();
  const stored = { id: idOf(1) };
  await round.courier.receive([{ id: "0".repeat(64) }, stored, stored]);
  await round.courier.receive([stored, { id: idOf(1), refused: "too late" }]);
  assert.deepEqual(Array.from(round.outbox.waiting(), ({ sequence }) => sequence), [2]);
  assert.equal(round.outbox.evicted, 0);
  assert.deepEqual(round.evicted, []);
});

Deno.test("a rejected face leaves the outbox, is reported once and written to the ledger", async () => {
  await using round = await Round.start(1);
  await round.look();
  const refusal = { id: idOf(1), refused: "too large" };
  await round.courier.receive([refusal, refusal]);
  assert.equal(round.outbox.size, 0);
  assert.deepEqual(round.evicted, [`${idOf(1).slice(0, 4)} too large`]);
  const { sequence, reason } = JSON.parse(Deno.readTextFileSync(`${round.folder}/ledger.jsonl`));
  assert.deepEqual({ sequence, reason }, { sequence: 1, reason: "too large" });
});

Deno.test("faces without receipts do not block the others", async () => {
  await using round = await Round.start(8, { maxInFlight: 2, retryMs: 1_000 });
  round.answers = (face) => face > 2;
  assert.deepEqual(await round.look(), [1, 2]);
  round.nowMs += 1_000;
  assert.deepEqual(await round.look(), [1, 2], "once more");
  round.nowMs += 1_000;
  const sent = await round.look();
  assert.deepEqual(sent, upTo(8, 3), "and then the others are sent");
  assert.equal(round.outbox.size, 2);
});

Deno.test("a face that cannot be read is retried, and the others are sent", async () => {
  await using round = await Round.start(3);
  round.connected = false;
  await round.look();
  Deno.removeSync(pathOf(round.folder, 1));
  Deno.mkdirSync(pathOf(round.folder, 1)); // Reading a folder fails as a failing disk does.
  round.connected = true;
  round.courier.reconnected();
  await round.look();
  Deno.removeSync(pathOf(round.folder, 1));
  Deno.writeFileSync(pathOf(round.folder, 1), bytesOf(1));
  round.nowMs += 5_000;
  assert.ok((await round.look()).includes(1));
  assert.equal(round.outbox.evicted, 0);
});

Deno.test("a face whose file has vanished is evicted, and the others are sent", async () => {
  await using round = await Round.start(0);
  round.connected = false;
  await round.add();
  await round.add();
  Deno.removeSync(pathOf(round.folder, 1));
  round.connected = true;
  assert.deepEqual(await round.look(), [2]);
  assert.equal(round.outbox.evicted, 1);
});

Deno.test("drained() resolves at the last receipt, or on abort", async () => {
  await using round = await Round.start(2);
  const stop = new AbortController();
  let drained = false;
  const draining = round.courier.drained(stop).then(() => drained = true);
  await round.courier.receive([{ id: idOf(1) }]);
  await round.idle();
  assert.equal(drained, false);
  await round.courier.receive([{ id: idOf(2) }]);
  await draining;

  await round.add();
  const waiting = round.courier.drained(stop);
  stop.abort();
  await waiting;
});

Deno.test("5,000 waiting faces are sent in order, each once", async () => {
  await using round = await Round.start(5_000);
  round.answers = () => true;
  assert.deepEqual(await round.look(), upTo(5_000));
  assert.equal(round.outbox.size, 0);
});
