/** How much waits in an outbox, for how long, and what the receipts report of it. */
import assert from "node:assert/strict";
import { identity } from "../face/face_file.ts";
import { Round } from "../testing/outbox_round.ts";
import { add, State } from "../testing/outbox_state.ts";
import type { Outbox } from "./outbox.ts";

const MINUTE_MS = 60_000;

/** Whole minutes: the tests themselves take less than one. */
const minutes = (ms: number | undefined) => ms === undefined ? undefined : Math.floor(ms / MINUTE_MS);

async function addAged(outbox: Outbox, ageMs: number): Promise<string> {
  const sequence = outbox.nextSequence();
  const bytes = new Uint8Array(100).fill(sequence);
  await outbox.add(identity(bytes), sequence, bytes, { ageMs, provisional: true });
  return identity(bytes);
}

Deno.test("the age of the oldest face is that of its capture, and 0 when none waits", async () => {
  await using state = new State();
  await using outbox = await state.open();
  assert.deepEqual([outbox.load.oldestAgeMs, outbox.load.bytes], [0, 0]);
  const old = await addAged(outbox, 7.5 * MINUTE_MS);
  const young = await addAged(outbox, 2.5 * MINUTE_MS);
  assert.deepEqual([minutes(outbox.load.oldestAgeMs), outbox.load.bytes], [7, 200]);
  const final = await outbox.finalize(old, new Uint8Array(50).fill(9));
  assert.deepEqual([minutes(outbox.load.ageMs(final!)), outbox.load.bytes], [7, 150]);
  await outbox.remove(final!);
  assert.deepEqual([minutes(outbox.load.oldestAgeMs), minutes(outbox.load.ageMs(young))], [2, 2]);
  assert.equal(outbox.load.ageMs(old), undefined);
});

Deno.test("a face of an earlier run is as old as its file, unless a clock that was never set wrote it", async () => {
  await using state = new State();
  const first = await state.open();
  for (let face = 0; face < 3; face++) await add(first);
  await first[Symbol.asyncDispose]();
  const written = [Date.now() - 90.5 * MINUTE_MS, Date.parse("1970-01-01T00:10:00Z"), Date.now() + MINUTE_MS];
  for (const [index, ms] of written.entries()) {
    await Deno.utime(state.file(index + 1), ms / 1000, ms / 1000);
  }
  await using second = await state.open();
  const ages = Array.from(second.waiting(), ({ id }) => minutes(second.load.ageMs(id)));
  assert.deepEqual(ages, [90, 0, 0]);
});

Deno.test("evictions only increase; a late receipt lowers the number of evicted faces", async () => {
  await using state = new State();
  await using outbox = await state.open();
  const [a, b] = [await add(outbox), await add(outbox)];
  await outbox.evict(a, "outbox full");
  await outbox.evict(b, "outbox full");
  assert.deepEqual([outbox.evicted, outbox.evictions], [2, 2]);
  await outbox.remove(a);
  assert.deepEqual([outbox.evicted, outbox.evictions], [1, 2]);
});

Deno.test("a receipt is reported once, with the age of its face; receipts of unknown faces are not", async () => {
  const receipts: [boolean, number | undefined][] = [];
  await using round = await Round.start(0, {
    onReceipt: ({ refused }, ageMs) => receipts.push([refused === undefined, minutes(ageMs)]),
  });
  const [stored, refused] = [
    await addAged(round.outbox, 3.5 * MINUTE_MS),
    await addAged(round.outbox, 5.5 * MINUTE_MS),
  ];
  await round.courier.receive([{ id: stored }, { id: refused, refused: "too large" }, {
    id: "0".repeat(64),
  }]);
  await round.courier.receive([{ id: stored }]);
  assert.deepEqual(receipts, [[true, 3], [false, 5]]);
});
