/** Faces that break the connection or are dropped on the path: they block no other face, and are evicted only while others arrive. */
import assert from "node:assert/strict";
import { idOf, numberIn, Round, upTo } from "../testing/outbox_round.ts";

const ledgerOf = ({ folder }: Round) => {
  try {
    return Deno.readTextFileSync(`${folder}/ledger.jsonl`).trim().split("\n").map((line) => JSON.parse(line));
  } catch {
    return [];
  }
};

/** A broker that closes the connection on some faces, as Mosquitto does beyond max_packet_size. */
function brokerThat(breaksOn: (face: number) => boolean, { acknowledged = true } = {}) {
  const broken: number[] = [];
  const unacknowledged = new Set<{ resolve: () => void; reject: (error: Error) => void }>();
  let round: Round;
  const send = async (bytes: Uint8Array) => {
    const face = numberIn(bytes);
    round.sent.push(face);
    if (!breaksOn(face)) {
      // Acknowledged once the courier has sent all that is due, unless the connection breaks before.
      if (acknowledged) {
        const acknowledgement = Promise.withResolvers<void>();
        unacknowledged.add(acknowledgement);
        await acknowledgement.promise.finally(() => unacknowledged.delete(acknowledgement));
      }
      if (round.answers(face)) await round.receive(face);
      return;
    }
    broken.push(face);
    queueMicrotask(() => {
      for (const { reject } of unacknowledged) reject(new Error("the connection was closed"));
      round.courier.disconnected();
      round.courier.reconnected();
    });
    if (acknowledged) throw new Error("the connection was closed");
  };
  const serve = (served: Round) => {
    round = served;
    round.answers = () => true;
    round.onSent = () => {
      for (const { resolve } of unacknowledged) resolve();
      return unacknowledged.size > 0;
    };
  };
  return { broken, send, serve };
}

for (const acknowledged of [true, false]) {
  Deno.test(`a face that breaks the connection is evicted with its size, and the others arrive, QoS ${acknowledged ? 1 : 0}`, async () => {
    const { broken, send, serve } = brokerThat((face) => face === 3, { acknowledged });
    await using round = await Round.start(40, { send, acknowledged });
    serve(round);
    for (let turn = 0; turn < 200 && round.evicted.length === 0; turn++) {
      round.nowMs += 1_000;
      await round.look();
    }
    assert.equal(round.outbox.size, 0);
    assert.equal(broken.length, 5, "twice among others, three times alone");
    assert.deepEqual(ledgerOf(round).map(({ sequence, reason }) => [sequence, reason]), [
      [3, "the connection to the broker breaks whenever it is sent (4 bytes)"],
    ]);
    assert.equal(round.evicted.length, 1);
  });
}

Deno.test("a face that breaks the connection is sent after all others", async () => {
  const { broken, send, serve } = brokerThat((face) => face === 1);
  await using round = await Round.start(1, { send });
  serve(round);
  for (let turn = 0; turn < 20 && broken.length < 2; turn++) {
    round.nowMs += 1_000;
    await round.look();
  }
  for (let face = 0; face < 30; face++) await round.add();
  const sent: number[] = [];
  for (let turn = 0; turn < 30 && round.outbox.size > 1; turn++) sent.push(...await round.look());
  assert.deepEqual(sent.filter((face) => face !== 1), upTo(31, 2));
  assert.ok(!sent.slice(0, 16).includes(1));
});

Deno.test("a network that breaks every connection evicts no face", async () => {
  let isBroken = Promise.withResolvers<void>();
  await using round = await Round.start(5, { send: () => isBroken.promise });
  for (let turn = 0; turn < 60; turn++) {
    await round.look();
    round.nowMs += 22_500;
    isBroken.promise.catch(() => {}); // Nothing may be in flight.
    isBroken.reject(new Error("keepalive timeout"));
    isBroken = Promise.withResolvers<void>();
    round.courier.disconnected();
    round.courier.reconnected();
  }
  assert.equal(round.outbox.evicted, 0);
});

Deno.test("a face that is dropped on the path is evicted while others get their receipts", async () => {
  await using round = await Round.start(3);
  round.answers = (face) => face !== 2;
  let sendings = 0;
  for (let turn = 0; turn < 600 && round.evicted.length === 0; turn++) {
    sendings += (await round.look()).filter((face) => face === 2).length;
    round.nowMs += 1_000;
    if (turn < 100 && turn % 10 === 0) await round.add();
  }
  assert.equal(round.outbox.size, 0, "even when no other face is added");
  assert.deepEqual(ledgerOf(round).map(({ sequence, reason }) => [sequence, reason]), [
    [2, "no receipt comes for it while others get theirs (4 bytes)"],
  ]);
  assert.ok(sendings <= 10, `it was sent ${sendings} times`);
});

Deno.test("a dropped face is evicted even when it is the last one", async () => {
  await using round = await Round.start(3);
  round.answers = (face) => face !== 3;
  for (let turn = 0; turn < 400 && round.evicted.length === 0; turn++) {
    await round.look();
    round.nowMs += 1_000;
  }
  assert.deepEqual([round.outbox.size, round.outbox.evicted], [0, 1]);
});

Deno.test("an outage of a week evicts no face, not even one that was a suspect before", async () => {
  await using round = await Round.start(3);
  round.answers = (face) => face !== 2;
  for (let turn = 0; turn < 60; turn++) { // Others get receipts: 2 becomes a suspect.
    await round.look();
    round.nowMs += 1_000;
    if (turn % 5 === 0) await round.add();
  }
  assert.ok(round.outbox.has(idOf(2)));
  round.answers = () => false;
  for (let turn = 0; turn < 150; turn++) {
    round.nowMs += 3_600_000;
    await round.look();
  }
  assert.equal(round.outbox.evicted, 0);
  round.answers = () => true;
  for (let turn = 0; turn < 20 && round.outbox.size > 0; turn++) {
    round.nowMs += 60_000;
    await round.look();
  }
  assert.deepEqual([round.outbox.size, round.outbox.evicted], [0, 0]);
});

Deno.test("a path that drops half of the messages at random evicts no face", async () => {
  await using round = await Round.start(30);
  let random = 7;
  round.answers = () => (random = random * 48271 % 0x7fffffff) % 2 === 0;
  for (let turn = 0; turn < 400 && round.outbox.size > 0; turn++) {
    round.nowMs += 5_000;
    await round.look();
  }
  assert.deepEqual([round.outbox.size, round.outbox.evicted], [0, 0]);
});

Deno.test("after an outage the first receipt makes all faces due that are not in flight, oldest first", async () => {
  await using round = await Round.start(8);
  /** Looks until this many faces were sent. */
  const sent = async (count: number) => {
    const faces: number[] = [];
    for (let turn = 0; turn < 100 && faces.length < count; turn++) faces.push(...await round.look());
    return faces;
  };
  assert.deepEqual(await sent(8), upTo(8));
  for (const delayMs of [5_000, 10_000, 20_000, 40_000]) {
    round.nowMs += delayMs;
    assert.deepEqual(await sent(8), upTo(8));
  }
  round.nowMs += 10_000; // They are due again in 50 s.
  await round.add();
  assert.deepEqual(await sent(1), [9]);
  await round.courier.receive([{ id: idOf(9) }]);
  assert.deepEqual(await sent(8), upTo(8));
  round.nowMs += 5_000;
  assert.deepEqual(await sent(8), upTo(8), "and their delays start over");
});

Deno.test("missing receipts are reported once, and so is their return; one silent face is no outage", async () => {
  const said: string[] = [];
  await using round = await Round.start(2, {
    onUnanswered: () => said.push("none"),
    onAnswered: () => said.push("again"),
  });
  for (let turn = 0; turn < 120; turn++) {
    await round.look();
    round.nowMs += 4_000;
  }
  assert.deepEqual(said, ["none"]);
  round.answers = (face) => face !== 1;
  await round.add();
  for (let turn = 0; turn < 20; turn++) {
    await round.look();
    round.nowMs += 10_000;
    await round.add();
  }
  assert.deepEqual(said, ["none", "again"]);
});
