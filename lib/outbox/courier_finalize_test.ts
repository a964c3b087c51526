/** Provisional faces are finalized before they are sent for the first time. */
import assert from "node:assert/strict";
import { bytesOf, idOf, numberIn, Round } from "../testing/outbox_round.ts";

Deno.test("faces that are held back do not block the others, and are sent first when they may be", async () => {
  let mayGo = false;
  const finalized: number[] = [];
  const finalize = (bytes: Uint8Array<ArrayBuffer>) => {
    finalized.push(numberIn(bytes));
    return mayGo ? bytesOf(numberIn(bytes) + 1_000) : undefined;
  };
  await using round = await Round.start(0, { finalize, maxInFlight: 2 });
  round.connected = false;
  for (let face = 1; face <= 5; face++) await round.add({ provisional: true });
  await round.add();
  round.connected = true;
  assert.deepEqual(await round.look(), [6]);
  assert.deepEqual(await round.look(), []);
  assert.deepEqual(finalized, [1, 2, 3, 4, 5], "each is finalized once until reconsider() is called");
  await round.courier.receive([{ id: idOf(6) }]);
  round.answers = () => true;
  mayGo = true;
  round.courier.reconsider();
  assert.deepEqual(await round.look(), [1_001, 1_002, 1_003, 1_004, 1_005]);
  assert.equal(round.courier.resent, 0);
});

Deno.test("a face that was sent is sent again with the same bytes, whatever its correction is by then", async () => {
  let isCorrected = false;
  const finalize = (bytes: Uint8Array<ArrayBuffer>) => isCorrected ? bytesOf(77) : bytes;
  await using round = await Round.start(0, { finalize });
  await round.look();
  await round.add({ provisional: true });
  assert.deepEqual(await round.look(), [1]);
  isCorrected = true;
  round.courier.reconsider();
  round.nowMs += 5_000;
  assert.deepEqual(await round.look(), [1]);
});

Deno.test("a face that cannot be finalized now is retried, and never sent before", async () => {
  await using round = await Round.start(0, { finalize: () => bytesOf(77) });
  await round.look();
  const place = `${round.folder}/outbox/000000000001-${idOf(77)}`;
  Deno.mkdirSync(`${place}/x`, { recursive: true });
  await round.add({ provisional: true });
  assert.deepEqual(await round.look(), []);
  Deno.removeSync(place, { recursive: true });
  round.nowMs += 5_000;
  assert.deepEqual(await round.look(), [77]);
  assert.equal(round.outbox.size, 1);
});
