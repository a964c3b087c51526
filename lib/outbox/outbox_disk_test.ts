/** An outbox whose disk is full, read-only or failing, and recovers. */
import assert from "node:assert/strict";
import { readFace } from "../face/face_file.ts";
import type { Outbox } from "./outbox.ts";
import { add, addFace, FaultyDisk, State, waiting } from "../testing/outbox_state.ts";
import { needsRoot } from "../testing/skip.ts";

const FAULTS = ["ENOSPC", "EDQUOT", "EROFS", "EIO"];

for (const fault of FAULTS) {
  Deno.test(`${fault}: faces wait in memory, each failure has the same reason, and they get their files afterwards`, async () => {
    await using state = new State();
    const disk = new FaultyDisk();
    const reported: (string | undefined)[] = [];
    await using outbox = await state.open({}, {
      disk,
      onDiskFailure: (reason) => void reported.push(reason),
    });
    await addFace(outbox);
    disk.fault = fault;
    for (let face = 0; face < 4; face++) await addFace(outbox);
    await outbox.recover();
    assert.deepEqual([outbox.size, outbox.inMemory, new Set(reported).size], [5, 4, 1]);
    const failures = reported.length;
    for (const { id, epoch, sequence } of outbox.waiting()) {
      const { metadata } = readFace((await outbox.read(id))!);
      assert.deepEqual(
        [metadata!.epoch, metadata!.sequence],
        [epoch, sequence],
        "a face carries the number it waits with",
      );
    }
    disk.fault = undefined;
    await outbox.recover();
    assert.deepEqual([outbox.inMemory, reported.slice(failures)], [0, [undefined]]);
    assert.equal(outbox.evicted, 0);
    const names = new Set(Array.from(outbox.waiting(), ({ epoch, sequence }) => `${epoch}/${sequence}`));
    assert.equal(names.size, 5);
  });

  Deno.test(`${fault}: an outbox opens on such a disk, and numbers stay unique over kills`, async () => {
    await using started = new AsyncDisposableStack();
    let state = started.use(new State());
    const seen = new Set<string>();
    for (const faults of [[undefined, fault], [fault, fault], [fault, undefined], [undefined, undefined]]) {
      const disk = new FaultyDisk();
      disk.fault = faults[0];
      const outbox = started.use(await state.open({}, { disk }));
      for (const now of faults) {
        disk.fault = now;
        for (let face = 0; face < 3; face++) await addFace(outbox);
        for (const { epoch, sequence, id } of Array.from(outbox.waiting())) {
          seen.add(`${epoch}/${sequence} ${id}`);
          if (sequence % 2 === 0) await outbox.remove(id);
        }
      }
      state = started.use(state.afterKill());
    }
    const numbers = new Set(Array.from(seen, (line) => line.split(" ")[0]));
    assert.equal(numbers.size, seen.size, "no number names two faces");
    assert.equal(seen.size, 24);
  });
}

Deno.test("faces that were in memory when the program was killed on a full disk are recorded at the next start", async () => {
  await using state = new State();
  const disk = new FaultyDisk();
  await using outbox = await state.open({}, { disk });
  await addFace(outbox);
  disk.fault = "ENOSPC";
  for (let face = 2; face <= 6; face++) await addFace(outbox);
  const [, second, third] = Array.from(outbox.waiting());
  await outbox.remove(second.id);
  await outbox.remove(third.id);
  await outbox.recover();
  await using killed = state.afterKill();
  await using next = await killed.open();
  assert.deepEqual(waiting(next), [1]);
  assert.deepEqual(
    killed.ledger().map(({ sequence, epoch, reason, sent }) => [sequence, epoch, reason, sent]),
    [4, 5, 6].map((number) => [number, outbox.epoch, "only in memory when the program ended", true]),
  );
  assert.equal(next.nextSequence(), 7);
  assert.equal(next.epoch, outbox.epoch);
});

Deno.test("numbers in memory of a lost epoch do not count in the new one", async () => {
  await using state = new State();
  await (await state.open())[Symbol.asyncDispose]();
  Deno.writeTextFileSync(`${state.path}/sequence`, "40\nin memory: 37-39\n");
  Deno.writeTextFileSync(`${state.path}/epoch`, "");
  await using outbox = await state.open();
  assert.equal(outbox.nextSequence(), 1);
  assert.deepEqual(state.ledger().filter(({ sequence }) => sequence !== undefined), []);
});

Deno.test("an old epoch never stands beside the numbers of a new one, whenever the program is killed", async () => {
  await using state = new State();
  const disk = new FaultyDisk();
  let before = "";
  {
    await using outbox = await state.open({}, { disk });
    before = outbox.epoch;
    for (let face = 1; face <= 3; face++) await outbox.remove(await add(outbox));
  }
  Deno.writeTextFileSync(`${state.path}/sequence`, "?");
  disk.fault = "EIO";
  disk.fails = (what, path) => what === "write" && path.endsWith("/epoch");
  await using _outbox = await state.open({}, { disk });
  assert.equal(Deno.readTextFileSync(`${state.path}/sequence`).trim(), "0", "the number is written first");
  await using killed = state.afterKill();
  await using next = await killed.open();
  assert.notEqual(next.epoch, before);
});

Deno.test("memory is limited in faces and bytes: the oldest face that was not sent is evicted first", async () => {
  for (const limits of [{ memoryFaces: 3 }, { memoryBytes: 350 }]) {
    await using state = new State();
    const disk = new FaultyDisk();
    await using outbox = await state.open(limits, { disk });
    disk.fault = "EROFS";
    const ids: string[] = [];
    for (let face = 1; face <= 5; face++) {
      ids.push(await add(outbox));
      outbox.wasSent = (id) => id === ids[0];
    }
    assert.deepEqual(waiting(outbox).length, 3);
    assert.deepEqual([outbox.has(ids[0]), outbox.has(ids[1]), outbox.has(ids[2])], [true, false, false]);
    disk.fault = undefined;
    await outbox.recover();
    assert.equal(outbox.evicted, 2);
  }
});

Deno.test("an evicted face that was sent may be stored, and its late receipt is recorded", async () => {
  await using state = new State();
  await using outbox = await state.open({ maxFaces: 2 });
  const first = await add(outbox);
  outbox.wasSent = () => true;
  for (let face = 2; face <= 3; face++) await add(outbox);
  assert.equal(outbox.evicted, 1);
  assert.equal(state.ledger()[0].sent, true);
  assert.equal(await outbox.remove(first), false);
  assert.equal(await outbox.remove(first), false);
  assert.equal(outbox.evicted, 0);
  assert.deepEqual(state.ledger().map(({ sequence, stored }) => [sequence, stored]), [[1, undefined], [
    1,
    true,
  ]]);
});

Deno.test("on a disk that fills up faces stay in memory, then the oldest is evicted for the newest", {
  ...needsRoot(),
}, async () => {
  await using state = new State();
  using _ = state.onSmallDisk();
  {
    await using outbox = await state.open({ memoryFaces: 4 });
    for (let face = 1; face <= 40; face++) await add(outbox, 20_000);
    const kept = waiting(outbox);
    assert.ok(kept.length > 8 && kept.at(-1) === 40, `${kept}`);
    assert.equal(outbox.inMemory, 4);
    for (const { id } of outbox.waiting()) await outbox.remove(id);
    assert.deepEqual(state.files(), []);
    await add(outbox);
  }
  await using outbox = await state.open();
  assert.deepEqual(waiting(outbox), [41]);
  assert.equal(outbox.nextSequence(), 42);
  const evicted = state.ledger().map(({ sequence }) => sequence);
  assert.equal(new Set(evicted).size, evicted.length);
});

Deno.test("a receipt on a read-only disk removes the file when the disk can be written again", async () => {
  await using state = new State();
  const disk = new FaultyDisk();
  await using outbox = await state.open({}, { disk });
  const id = await add(outbox);
  disk.fault = "EROFS";
  assert.equal(await outbox.remove(id), true);
  assert.deepEqual([outbox.size, state.files()], [0, [1]]);
  disk.fault = undefined;
  await outbox.recover();
  assert.deepEqual(state.files(), []);
});

Deno.test("a closed outbox records which faces were in memory only", async () => {
  await using state = new State();
  const disk = new FaultyDisk();
  {
    await using outbox = await state.open({}, { disk });
    await addFace(outbox);
    disk.fault = "ENOSPC";
    await addFace(outbox);
    outbox.wasSent = () => true;
  }
  assert.deepEqual(
    state.ledger().map(({ sequence, reason, sent }) => [sequence, reason, sent]),
    [[2, "only in memory when the program stopped", true]],
  );
  await using outbox = await state.open();
  assert.deepEqual(waiting(outbox), [1]);
  assert.equal(state.ledger().length, 1);
});

Deno.test("on a full disk faces use the reserved space and survive a kill, and the space is reserved again", async () => {
  await using state = new State();
  const disk = new FaultyDisk();
  await using outbox = await state.open({}, { disk });
  await tended(outbox);
  const spares = () => Array.from(Deno.readDirSync(`${state.path}/spare`)).length;
  assert.equal(spares(), 16);
  disk.fault = "ENOSPC";
  for (let face = 1; face <= 17; face++) await addFace(outbox);
  assert.deepEqual([outbox.size, outbox.inMemory, spares()], [17, 1, 0]);
  await using killed = state.afterKill();
  await using next = await killed.open();
  assert.equal(next.size, 16);
  for (const { id } of next.waiting()) assert.equal(readFace((await next.read(id))!).id, id);
  assert.deepEqual(killed.ledger().map(({ sequence }) => sequence), [17]);
  disk.fault = undefined;
  await outbox.recover();
  await tended(outbox);
  assert.deepEqual([outbox.inMemory, spares()], [0, 16]);
});

Deno.test("a face larger than a spare file waits in memory, and a damaged spare file is skipped", async () => {
  await using state = new State();
  const disk = new FaultyDisk();
  {
    await using outbox = await state.open({}, { disk });
    await tended(outbox);
  }
  Deno.truncateSync(`${state.path}/spare/0`);
  Deno.removeSync(`${state.path}/spare/1`);
  Deno.mkdirSync(`${state.path}/spare/1`);
  await using outbox = await state.open({}, { disk });
  disk.fault = "ENOSPC";
  await add(outbox, 200_000);
  assert.equal(outbox.inMemory, 1);
  await addFace(outbox);
  assert.deepEqual([outbox.inMemory, state.files()], [1, [2]]);
});

/** Lets an outbox reserve space, which `tend` does first. */
async function tended(outbox: Outbox): Promise<void> {
  const stop = new AbortController();
  const tending = outbox.tend(stop);
  stop.abort();
  await tending;
}
