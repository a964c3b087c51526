/** Faces that the way does not take: they stop nobody, and are given up only when the way is open for others. */
import assert from "node:assert/strict";
import { Clock, idOf, numberIn, Round, upTo } from "../testing/outbox_round.ts";

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
  const state = { round: undefined as Round | undefined, broken };
  const underWay = new Set<(error: Error) => void>();
  const send = async (bytes: Uint8Array) => {
    const { round } = state;
    const face = numberIn(bytes);
    round!.sent.push(face);
    if (!breaksOn(face)) {
      // The broker takes them in order: what was sent before is taken before it comes to the one it minds.
      if (acknowledged) {
        const { promise, reject, resolve } = Promise.withResolvers<void>();
        underWay.add(reject);
        setTimeout(resolve, 1);
        await promise.finally(() => underWay.delete(reject));
      }
      if (round!.answers(face)) await round!.courier.receive([{ id: idOf(face) }]);
      return;
    }
    broken.push(face);
    queueMicrotask(() => {
      for (const reject of underWay) reject(new Error("the connection was closed"));
      round!.courier.disconnected();
      round!.courier.reconnected();
    });
    if (acknowledged) throw new Error("the connection was closed");
  };
  return { state, send };
}

for (const acknowledged of [true, false]) {
  Deno.test(`a face that breaks the connection is given up with its size, and the others arrive, QoS ${acknowledged ? 1 : 0}`, async () => {
    using clock = new Clock();
    const { state, send } = brokerThat((face) => face === 3, { acknowledged });
    await using round = await Round.start(40, { send, acknowledged });
    state.round = round;
    round.answers = () => true;
    for (let turn = 0; turn < 200 && round.refused.length === 0; turn++) {
      clock.nowMs += 1_000;
      await round.look();
    }
    assert.equal(round.outbox.size, 0);
    assert.equal(state.broken.length, 5, "twice among others, three times alone");
    assert.deepEqual(ledgerOf(round).map(({ sequence, reason }) => [sequence, reason]), [
      [3, "the connection to the broker breaks whenever it is sent (4 bytes)"],
    ]);
    assert.equal(round.refused.length, 1);
  });
}

Deno.test("a face that breaks the connection goes behind all others", async () => {
  using clock = new Clock();
  const { state, send } = brokerThat((face) => face === 1);
  await using round = await Round.start(1, { send });
  state.round = round;
  round.answers = () => true;
  for (let turn = 0; turn < 20 && state.broken.length < 2; turn++) {
    clock.nowMs += 1_000;
    await round.look();
  }
  for (let face = 0; face < 30; face++) await round.add();
  const sent: number[] = [];
  for (let turn = 0; turn < 30 && round.outbox.size > 1; turn++) sent.push(...await round.look());
  assert.deepEqual(sent.filter((face) => face !== 1), upTo(31, 2));
  assert.ok(!sent.slice(0, 16).includes(1));
});

Deno.test("a network that breaks every connection gives nobody up", async () => {
  using clock = new Clock();
  let isBroken = Promise.withResolvers<void>();
  await using round = await Round.start(5, { send: () => isBroken.promise });
  for (let turn = 0; turn < 60; turn++) {
    await round.look();
    clock.nowMs += 22_500;
    isBroken.promise.catch(() => {}); // Nothing may be on its way.
    isBroken.reject(new Error("keepalive timeout"));
    isBroken = Promise.withResolvers<void>();
    round.courier.disconnected();
    round.courier.reconnected();
  }
  assert.equal(round.outbox.evicted, 0);
});

Deno.test("a face that is dropped without a word is given up while others get their receipts", async () => {
  using clock = new Clock();
  await using round = await Round.start(3);
  round.answers = (face) => face !== 2;
  let sendings = 0;
  for (let turn = 0; turn < 600 && round.refused.length === 0; turn++) {
    sendings += (await round.look()).filter((face) => face === 2).length;
    clock.nowMs += 1_000;
    if (turn < 100 && turn % 10 === 0) await round.add();
  }
  assert.equal(round.outbox.size, 0, "also when no other face comes any more");
  assert.deepEqual(ledgerOf(round).map(({ sequence, reason }) => [sequence, reason]), [
    [2, "no receipt comes for it while others get theirs (4 bytes)"],
  ]);
  assert.ok(sendings <= 10, `it was sent ${sendings} times`);
});

Deno.test("the last face of all, dropped without a word, is given up as well", async () => {
  using clock = new Clock();
  await using round = await Round.start(3);
  round.answers = (face) => face !== 3;
  for (let turn = 0; turn < 400 && round.refused.length === 0; turn++) {
    await round.look();
    clock.nowMs += 1_000;
  }
  assert.deepEqual([round.outbox.size, round.outbox.evicted], [0, 1]);
});

Deno.test("a cloud that is away for a week gives nobody up, not even who was suspected before", async () => {
  using clock = new Clock();
  await using round = await Round.start(3);
  round.answers = (face) => face !== 2;
  for (let turn = 0; turn < 60; turn++) { // Others get receipts: 2 is suspected.
    await round.look();
    clock.nowMs += 1_000;
    if (turn % 5 === 0) await round.add();
  }
  assert.ok(round.outbox.has(idOf(2)));
  round.answers = () => false;
  for (let turn = 0; turn < 150; turn++) {
    clock.nowMs += 3_600_000;
    await round.look();
  }
  assert.equal(round.outbox.evicted, 0);
  round.answers = () => true;
  for (let turn = 0; turn < 20 && round.outbox.size > 0; turn++) {
    clock.nowMs += 60_000;
    await round.look();
  }
  assert.deepEqual([round.outbox.size, round.outbox.evicted], [0, 0]);
});

Deno.test("a way that drops every second message at random gives nobody up", async () => {
  using clock = new Clock();
  await using round = await Round.start(30);
  let random = 7;
  round.answers = () => (random = random * 48271 % 0x7fffffff) % 2 === 0;
  for (let turn = 0; turn < 400 && round.outbox.size > 0; turn++) {
    clock.nowMs += 5_000;
    await round.look();
  }
  assert.deepEqual([round.outbox.size, round.outbox.evicted], [0, 0]);
});

Deno.test("after an outage the first receipt makes all faces due that are not on their way, oldest first", async () => {
  using clock = new Clock();
  await using round = await Round.start(8);
  /** What is sent until it is so many; more would be among it. */
  const sent = async (count: number) => {
    const faces: number[] = [];
    for (let turn = 0; turn < 100 && faces.length < count; turn++) faces.push(...await round.look());
    return faces;
  };
  assert.deepEqual(await sent(8), upTo(8));
  for (const delayMs of [5_000, 10_000, 20_000, 40_000]) {
    clock.nowMs += delayMs;
    assert.deepEqual(await sent(8), upTo(8));
  }
  clock.nowMs += 10_000; // They are due again in 50 s.
  await round.add();
  assert.deepEqual(await sent(1), [9]);
  await round.courier.receive([{ id: idOf(9) }]);
  assert.deepEqual(await sent(8), upTo(8));
  clock.nowMs += 5_000;
  assert.deepEqual(await sent(8), upTo(8), "and their delays have begun anew");
});

Deno.test("missing receipts are reported once, and so is their return; one silent face is no outage", async () => {
  using clock = new Clock();
  const said: string[] = [];
  await using round = await Round.start(2, {
    onUnanswered: () => said.push("none"),
    onAnswered: () => said.push("again"),
  });
  for (let turn = 0; turn < 120; turn++) {
    await round.look();
    clock.nowMs += 4_000;
  }
  assert.deepEqual(said, ["none"]);
  round.answers = (face) => face !== 1;
  await round.add();
  for (let turn = 0; turn < 20; turn++) {
    await round.look();
    clock.nowMs += 10_000;
    await round.add();
  }
  assert.deepEqual(said, ["none", "again"]);
});
