/** Provisional faces are finalized once, and whole, also over kills and full disks. */
import assert from "node:assert/strict";
import { identity } from "../face/face_file.ts";
import { add, addProvisional, FaultyDisk, State, waiting } from "../testing/outbox_state.ts";
import { inFullSuite, needsRoot } from "../testing/skip.ts";

const FINAL = new Uint8Array(120).fill(99);

Deno.test("a provisional face is finalized once, in its place, and survives restarts before and after", async () => {
  await using state = new State();
  let first = "";
  {
    await using outbox = await state.open();
    first = await addProvisional(outbox);
    await add(outbox);
    assert.equal(outbox.isProvisional(first), true);
  }
  {
    await using outbox = await state.open();
    assert.equal(outbox.isProvisional(first), true);
    assert.equal(await outbox.finalize(first, FINAL), identity(FINAL));
    assert.deepEqual([outbox.has(first), outbox.isProvisional(identity(FINAL))], [false, false]);
    assert.deepEqual(waiting(outbox), [1, 2]);
    assert.deepEqual(await outbox.read(identity(FINAL)), FINAL);
    assert.equal(await outbox.finalize(identity(FINAL), new Uint8Array(5)), identity(FINAL), "only once");
  }
  assert.deepEqual(state.files(), [1, 2]);
  await using outbox = await state.open();
  assert.deepEqual(waiting(outbox), [1, 2]);
  assert.equal(await outbox.remove(identity(FINAL)), true);
  assert.deepEqual(state.files(), [2]);
});

Deno.test("a face that is finalized with the same bytes keeps its identity and cannot change again", async () => {
  await using state = new State();
  await using outbox = await state.open();
  const id = await addProvisional(outbox);
  assert.equal(await outbox.finalize(id, (await outbox.read(id))!), id);
  assert.deepEqual([outbox.has(id), outbox.isProvisional(id)], [true, false]);
  assert.deepEqual(state.files(), [1]);
  assert.equal(outbox.isProvisional("0".repeat(64)), false);
  assert.equal(await outbox.finalize("0".repeat(64), FINAL), undefined);
});

Deno.test(
  "kill -9 between writing the final file and removing the provisional one leaves the face once",
  inFullSuite(),
  async () => {
    await using state = new State();
    // The process dies when it is about to remove the old file.
    await state.killed(`
    const id = await addProvisional(outbox);
    await add(outbox);
    Deno.remove = () => Deno.kill(Deno.pid, "SIGKILL") ?? new Promise(() => {});
    await outbox.finalize(id, new Uint8Array(120).fill(99));`);
    assert.equal(state.files().length, 3);
    await using outbox = await state.open();
    assert.deepEqual(Array.from(outbox.waiting(), ({ id, sequence }) => [id, sequence])[0], [
      identity(FINAL),
      1,
    ]);
    assert.deepEqual(state.files(), [1, 2]);
  },
);

Deno.test("kill -9 at any moment of finalizing leaves each face once and whole", inFullSuite(), async () => {
  await using state = new State();
  const random = () => Math.floor(Math.random() * 30);
  for (let round = 0; round < 5; round++) {
    await state.killed(`
        setTimeout(() => Deno.kill(Deno.pid, "SIGKILL"), ${random()});
      for (const face of Array.from(outbox.waiting())) {
        if (face.provisional) await outbox.finalize(face.id, new Uint8Array(120).fill(face.sequence));
      }
      for (;;) {
        const id = await addProvisional(outbox);
        const { sequence } = Array.from(outbox.waiting()).at(-1);
        await outbox.finalize(id, new Uint8Array(120).fill(sequence));
      }`);
    await using outbox = await state.open();
    const faces = Array.from(outbox.waiting());
    assert.deepEqual(
      waiting(outbox),
      faces.map((_, index) => index + 1),
      "none is missing, none is duplicated",
    );
    for (const { id, sequence, provisional } of faces) {
      assert.deepEqual(await outbox.read(id), new Uint8Array(provisional ? 100 : 120).fill(sequence));
    }
    assert.equal(outbox.evicted, 0);
  }
});

Deno.test("a face that is evicted while it is finalized leaves no file", async () => {
  await using state = new State();
  await using outbox = await state.open();
  for (const bytes of [FINAL, new Uint8Array(100).fill(2)]) {
    const id = await addProvisional(outbox);
    await Promise.all([outbox.finalize(id, bytes).catch(() => {}), outbox.evict(id, "outbox full")]);
    assert.equal(outbox.size, 0);
    assert.deepEqual(state.files(), []);
  }
});

Deno.test("a face that cannot be finalized stays provisional", async () => {
  await using state = new State();
  await using outbox = await state.open();
  const id = await addProvisional(outbox);
  const place = `${state.path}/outbox/000000000001-${identity(FINAL)}`;
  await Deno.mkdir(`${place}/x`, { recursive: true });
  await assert.rejects(outbox.finalize(id, FINAL));
  assert.equal(outbox.isProvisional(id), true);
  assert.deepEqual(await outbox.read(id), new Uint8Array(100).fill(1));
  await Deno.remove(place, { recursive: true });
  assert.equal(await outbox.finalize(id, FINAL), identity(FINAL));
});

Deno.test("on a full disk all faces are finalized and none is evicted", {
  ...needsRoot(),
}, async () => {
  await using state = new State();
  using _ = state.onSmallDisk();
  await using outbox = await state.open();
  for (let face = 1; face <= 30; face++) await addProvisional(outbox, 15_000);
  assert.ok(outbox.inMemory > 0);
  const faces = Array.from(outbox.waiting());
  for (const { id, sequence } of faces) {
    await outbox.finalize(id, new Uint8Array(15_100).fill(100 + sequence));
  }
  assert.deepEqual(waiting(outbox), faces.map(({ sequence }) => sequence));
  for (const { id, sequence } of outbox.waiting()) {
    assert.deepEqual(await outbox.read(id), new Uint8Array(15_100).fill(100 + sequence));
  }
  assert.equal(state.files().length + outbox.inMemory, 30);
  assert.deepEqual(state.ledger(), []);
});

Deno.test("on a read-only disk a face stays provisional until the disk can be written", async () => {
  await using state = new State();
  const disk = new FaultyDisk();
  await using outbox = await state.open({}, { disk });
  const id = await addProvisional(outbox);
  disk.fault = "EROFS";
  await assert.rejects(outbox.finalize(id, FINAL), { code: "EROFS" });
  assert.equal(outbox.isProvisional(id), true);
  disk.fault = undefined;
  assert.equal(await outbox.finalize(id, FINAL), identity(FINAL));
});
