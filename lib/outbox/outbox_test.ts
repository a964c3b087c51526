/** What an outbox keeps, and in which order. */
import assert from "node:assert/strict";
import { FatalError } from "../errors.ts";
import { identity } from "../face/face_file.ts";
import { Outbox } from "./outbox.ts";
import { add, ROOMY, State, waiting } from "../testing/outbox_state.ts";
import { inFullSuite } from "../testing/skip.ts";

Deno.test("a face waits until it is removed, oldest first", async () => {
  await using state = new State();
  await using outbox = await state.open();
  const [a, b, c] = [await add(outbox), await add(outbox), await add(outbox)];
  assert.deepEqual(waiting(outbox), [1, 2, 3]);
  assert.deepEqual(await outbox.read(b), new Uint8Array(100).fill(2));
  assert.equal(await outbox.remove(b), true);
  assert.equal(await outbox.remove(b), false);
  assert.equal(await outbox.read(b), undefined);
  assert.deepEqual([outbox.has(a), outbox.has(b), outbox.has(c), outbox.size], [true, false, true, 2]);
  assert.deepEqual(state.files(), [1, 3]);
  assert.equal(outbox.evicted, 0);
});

Deno.test("faces, epoch and numbers survive a restart", async () => {
  await using state = new State();
  const first = await state.open();
  const id = await add(first);
  await add(first);
  await first[Symbol.asyncDispose]();

  await using second = await state.open();
  assert.equal(second.epoch, first.epoch);
  assert.match(second.epoch, /^[0-9a-f]{16}$/);
  assert.deepEqual(waiting(second), [1, 2]);
  assert.deepEqual(await second.read(id), new Uint8Array(100).fill(1));
  assert.equal(second.nextSequence(), 3);

  await using other = new State();
  await using elsewhere = await other.open();
  assert.notEqual(elsewhere.epoch, first.epoch);
});

Deno.test(
  "no number is assigned twice after kill -9, even when no face waits any more",
  inFullSuite(),
  async () => {
    await using state = new State();
    await state.killed("for (const id of [await add(outbox), await add(outbox)]) await outbox.remove(id);");
    assert.deepEqual(state.files(), []);
    await state.killed(
      "outbox.nextSequence(); await outbox.reject('x', outbox.nextSequence(), 'too large');",
    );
    await state.killed("await outbox.evict(await add(outbox), 'refused');");
    await using outbox = await state.open();
    assert.equal(outbox.nextSequence(), 6);
    assert.deepEqual(state.ledger().map(({ sequence }) => sequence), [4, 5]);
  },
);

Deno.test("a number without a face leaves no gap after kill -9", inFullSuite(), async () => {
  await using state = new State();
  await state.killed("const id = await add(outbox); outbox.nextSequence(); await outbox.remove(id);");
  await using outbox = await state.open();
  assert.equal(outbox.nextSequence(), 2);
});

Deno.test("kill -9 in the middle of writing leaves whole faces only", inFullSuite(), async () => {
  await using state = new State();
  await state.killed(
    "await add(outbox); setTimeout(() => Deno.kill(Deno.pid, 9), 50); for (;;) await add(outbox, 500_000);",
  );
  await using outbox = await state.open();
  assert.ok(outbox.size > 0);
  assert.deepEqual(state.files(), waiting(outbox));
  assert.deepEqual(waiting(outbox), Array.from({ length: outbox.size }, (_, index) => index + 1));
  for (const { id } of outbox.waiting()) assert.equal(identity((await outbox.read(id))!), id);
  assert.equal(outbox.evicted, 0);
});

Deno.test("temporary files of a crash are removed at the start", async () => {
  await using state = new State();
  {
    await using outbox = await state.open();
    await add(outbox);
  }
  await Deno.writeTextFile(`${state.path}/outbox/000000000002-${"a".repeat(64)}.tmp`, "half a fa");
  await Deno.writeTextFile(`${state.path}/sequence.tmp`, "9");
  await Deno.writeTextFile(`${state.path}/outbox/README`, "another program's");
  await using outbox = await state.open();
  assert.deepEqual(state.files(), [1, "README"]);
  assert.equal(outbox.nextSequence(), 2);
});

Deno.test("beyond a limit the oldest faces are evicted and recorded in the ledger", async () => {
  await using state = new State();
  await using outbox = await state.open({ maxFaces: 3, maxBytes: 1_000 });
  for (let face = 1; face <= 4; face++) await add(outbox);
  assert.deepEqual(waiting(outbox), [2, 3, 4]);
  await add(outbox, 850);
  assert.deepEqual(waiting(outbox), [4, 5]);
  assert.deepEqual(state.files(), [4, 5]);
  assert.deepEqual(
    state.ledger().map(({ sequence, reason, epoch }) => [sequence, reason, epoch]),
    [1, 2, 3].map((sequence) => [sequence, "outbox full", outbox.epoch]),
  );
  assert.equal(outbox.evicted, 3);
});

Deno.test("a face larger than the outbox is rejected, and no other is evicted for it", async () => {
  await using state = new State();
  await using outbox = await state.open({ maxBytes: 1_000 });
  await add(outbox);
  const id = await add(outbox, 1_001);
  assert.deepEqual(waiting(outbox), [1]);
  assert.equal(outbox.has(id), false);
  assert.deepEqual(state.ledger().map(({ sequence, reason }) => [sequence, reason]), [[
    2,
    "larger than the outbox",
  ]]);
});

Deno.test("limits that were lowered since the last start apply with the next face", async () => {
  await using state = new State();
  {
    await using outbox = await state.open();
    for (let face = 1; face <= 5; face++) await add(outbox);
  }
  await using outbox = await state.open({ maxFaces: 2 });
  await add(outbox);
  assert.deepEqual(waiting(outbox), [5, 6]);
});

Deno.test("faces that are added and removed concurrently are each recorded once", async () => {
  await using state = new State();
  await using outbox = await state.open({ maxFaces: 5 });
  const ids = await Promise.all(Array.from({ length: 40 }, () => add(outbox)));
  const ends = ids.flatMap((
    id,
  ) => [outbox.evict(id, "refused"), outbox.remove(id), outbox.evict(id, "again")]);
  await Promise.all(ends);
  assert.equal(outbox.size, 0);
  assert.deepEqual(state.files(), []);
  const evicted = state.ledger().filter(({ reason }) => reason).map(({ sequence }) => sequence);
  assert.deepEqual(evicted.sort((a, b) => a - b), Array.from({ length: 40 }, (_, index) => index + 1));
  assert.equal(Deno.readTextFileSync(`${state.path}/sequence`).trim(), "40");
});

Deno.test("a face whose file is missing or damaged is evicted", async () => {
  await using state = new State();
  await using outbox = await state.open();
  const [a, b, c] = [await add(outbox), await add(outbox), await add(outbox)];
  Deno.removeSync(state.file(1));
  Deno.writeFileSync(state.file(2), new Uint8Array(100));
  for (const id of [a, b]) assert.equal(await outbox.read(id), undefined);
  assert.ok(await outbox.read(c));
  assert.deepEqual(waiting(outbox), [3]);
  const reasons = state.ledger().map(({ id, reason }) => [id, reason]);
  assert.deepEqual(reasons, [
    [a, "its file in the outbox has vanished"],
    [b, "its file in the outbox is damaged"],
  ]);
});

Deno.test("a face that cannot be written although the disk is not full waits in memory, and no other is evicted", async () => {
  await using state = new State();
  await using outbox = await state.open();
  await add(outbox);
  const bytes = new Uint8Array(100).fill(2);
  const place = `${state.path}/outbox/000000000002-${identity(bytes)}`;
  Deno.mkdirSync(`${place}/x`, { recursive: true });
  const id = await add(outbox);
  assert.deepEqual([waiting(outbox), outbox.inMemory], [[1, 2], 1]);
  assert.deepEqual(await outbox.read(id), bytes);
  Deno.removeSync(place, { recursive: true });
  await outbox.recover();
  assert.deepEqual([outbox.inMemory, state.files()], [0, [1, 2]]);
  assert.deepEqual(state.ledger(), []);
});

Deno.test(
  "an outbox has one owner at a time; a second process fails and changes nothing",
  inFullSuite(),
  async () => {
    await using state = new State();
    {
      await using outbox = await state.open();
      await add(outbox);
      assert.match(
        (await state.elsewhere("")).stderr,
        /ConfigError: the state folder ".*" is in use by another detector/,
      );
      await add(outbox);
    }
    await using outbox = await state.open();
    assert.deepEqual(waiting(outbox), [1, 2]);
  },
);

Deno.test("a state folder whose path leads through a file is a FatalError", async () => {
  await assert.rejects(Outbox.open("/dev/null/state", ROOMY), FatalError);
  await assert.rejects(Outbox.open("/dev/null", ROOMY), FatalError);
});
