/** Faces that were never sent go when they may, as they are by then. */
import assert from "node:assert/strict";
import { bytesOf, Clock, idOf, numberIn, Round } from "../testing/outbox_round.ts";

Deno.test("faces that are held back do not stand in the way of the others, and go first once they may", async () => {
  let mayGo = false;
  const asked: number[] = [];
  const settle = (bytes: Uint8Array<ArrayBuffer>) => {
    asked.push(numberIn(bytes));
    return mayGo ? bytesOf(numberIn(bytes) + 1_000) : undefined;
  };
  await using round = await Round.start(0, { settle, maxInFlight: 2 });
  round.connected = false;
  for (let face = 1; face <= 5; face++) await round.add({ provisional: true });
  await round.add();
  round.connected = true;
  assert.deepEqual(await round.look(), [6]);
  assert.deepEqual(await round.look(), []);
  assert.deepEqual(asked, [1, 2, 3, 4, 5], "each is looked at once until there is a reason to");
  await round.courier.receive([{ id: idOf(6) }]);
  round.answers = () => true;
  mayGo = true;
  round.courier.reconsider();
  await round.courier.drained({ signal: AbortSignal.timeout(5_000) });
  assert.deepEqual(round.sent, [1_001, 1_002, 1_003, 1_004, 1_005]);
  assert.equal(round.courier.resent, 0);
});

Deno.test("a face that was sent as it was comes again as it was, whatever is known by then", async () => {
  using clock = new Clock();
  let anew = false;
  const settle = (bytes: Uint8Array<ArrayBuffer>) => anew ? bytesOf(77) : bytes;
  await using round = await Round.start(0, { settle });
  await round.look();
  await round.add({ provisional: true });
  assert.deepEqual(await round.look(), [1]);
  anew = true;
  round.courier.reconsider();
  clock.nowMs += 5_000;
  assert.deepEqual(await round.look(), [1]);
});

Deno.test("a face that cannot be settled now is tried again, and never sent before it is", async () => {
  using clock = new Clock();
  await using round = await Round.start(0, { settle: () => bytesOf(77) });
  await round.look();
  const place = `${round.folder}/outbox/000000000001-${idOf(77)}`;
  Deno.mkdirSync(`${place}/x`, { recursive: true });
  await round.add({ provisional: true });
  assert.deepEqual(await round.look(), []);
  Deno.removeSync(place, { recursive: true });
  clock.nowMs += 5_000;
  assert.deepEqual(await round.look(), [77]);
  assert.equal(round.outbox.size, 1);
});
