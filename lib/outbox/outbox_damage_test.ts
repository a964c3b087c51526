/** With any damage in the state folder the outbox opens, keeps its faces, and assigns no number twice. */
import assert from "node:assert/strict";
import { identity } from "../face/face_file.ts";
import { DAMAGES } from "../testing/outbox_damage.ts";
import { add, addFace, State, waiting } from "../testing/outbox_state.ts";
import { needsRoot } from "../testing/skip.ts";

const PLACES = [
  "epoch",
  "sequence",
  "ledger.jsonl",
  "ledger.jsonl.old",
  "lock",
  "damaged",
  "probe.tmp",
  "spare",
];

for (const place of PLACES) {
  for (const [name, damage] of Object.entries(DAMAGES)) {
    Deno.test(`an outbox opens with ${name} in the place of ${place}`, async () => {
      await using state = new State();
      let before = "";
      {
        await using outbox = await state.open();
        before = outbox.epoch;
        for (let face = 1; face <= 3; face++) await addFace(outbox);
        await outbox.remove(Array.from(outbox.waiting())[2].id);
      }
      await Deno.remove(`${state.path}/${place}`, { recursive: true }).catch(() => {});
      damage(`${state.path}/${place}`);
      const damages: string[] = [];
      {
        const onDamage = ({ name }: { name: string }) => damages.push(name);
        await using outbox = await state.open({}, { onDamage });
        assert.deepEqual(Array.from(outbox.waiting(), ({ epoch, sequence }) => [epoch, sequence]), [
          [before, 1],
          [before, 2],
        ]);
        const isNumber = place === "epoch" || place === "sequence";
        assert.equal(outbox.epoch === before, !isNumber);
        assert.equal(outbox.nextSequence(), isNumber ? 1 : 4);
        const isReported = name !== "nothing" && (isNumber || isSetAside(name, place));
        assert.deepEqual(damages, isReported ? [place] : []);
        assert.deepEqual(
          state.ledger().filter(({ damaged }) => damaged).map(({ damaged }) => damaged),
          damages,
        );
        for (const { id } of Array.from(outbox.waiting())) {
          assert.equal(identity((await outbox.read(id))!), id);
          await outbox.remove(id);
        }
        await addFace(outbox);
        await outbox.evict(Array.from(outbox.waiting())[0].id, "refused");
        assert.ok(state.ledger().some(({ epoch, reason }) => epoch === outbox.epoch && reason === "refused"));
      }
      await using outbox = await state.open({}, {
        onDamage: () => assert.fail("nothing is damaged any more"),
      });
      assert.equal(outbox.size, 0);
    });
  }
}

/** Whether this damage is set aside. A ledger is only appended to: an empty one is no damage, nor is any content of an old one. */
function isSetAside(damage: string, place: string): boolean {
  if (place === "spare") return damage !== "a folder";
  if (!place.startsWith("ledger")) return false;
  return /folder|link|pipe/.test(damage) || place === "ledger.jsonl" && !/empty/.test(damage);
}

for (const [name, damage] of Object.entries(DAMAGES)) {
  Deno.test(`an outbox opens with ${name} in the place of the folder of faces`, async () => {
    await using state = new State();
    let before = "";
    {
      await using outbox = await state.open();
      before = outbox.epoch;
      await add(outbox);
    }
    await Deno.remove(`${state.path}/outbox`, { recursive: true });
    damage(`${state.path}/outbox`);
    await using outbox = await state.open();
    await add(outbox);
    // Without the files the highest number is uncertain.
    const number = name === "a folder" ? 2 : 1;
    assert.deepEqual([waiting(outbox), outbox.epoch === before, outbox.inMemory], [
      [number],
      number === 2,
      0,
    ]);
    assert.ok(state.files().includes(number));
  });

  Deno.test(`${name} in the place of a face is evicted under its number, and the others are kept`, async () => {
    await using state = new State();
    {
      await using outbox = await state.open();
      for (let face = 1; face <= 3; face++) await add(outbox);
    }
    const path = state.file(2);
    Deno.removeSync(path);
    damage(path);
    await using outbox = await state.open();
    for (const { id } of Array.from(outbox.waiting())) await outbox.read(id);
    assert.deepEqual(waiting(outbox), [1, 3]);
    assert.deepEqual(state.files(), [1, 3]);
    if (name !== "nothing") assert.deepEqual(state.ledger().map(({ sequence }) => sequence), [2]);
  });
}

Deno.test("entries that are set aside are limited in number and in size", async () => {
  await using state = new State();
  for (let round = 0; round < 25; round++) {
    await using _outbox = await state.open();
    Deno.writeTextFileSync(`${state.path}/sequence`, "x");
    Deno.truncateSync(`${state.path}/sequence`, 5 * 2 ** 20);
  }
  const kept = Array.from(Deno.readDirSync(`${state.path}/damaged`), ({ name }) => name);
  assert.equal(kept.length, 20);
  for (const name of kept) assert.ok(Deno.statSync(`${state.path}/damaged/${name}`).size <= 2 ** 20);
});

Deno.test("implausible numbers in the state folder begin a new epoch", async () => {
  for (
    const text of ["999999999999999", "999999999999", "-5", "1e9", "12 13", "7\nin memory: 1-999999999999"]
  ) {
    await using state = new State();
    await (await state.open())[Symbol.asyncDispose]();
    Deno.writeTextFileSync(`${state.path}/sequence`, text);
    await using outbox = await state.open();
    assert.ok(outbox.nextSequence() <= 8, text);
    assert.ok(state.ledger().length <= 10_001);
  }
});

Deno.test("two thousand temporary files are removed at the start, and nothing else", async () => {
  await using state = new State();
  await (await state.open())[Symbol.asyncDispose]();
  for (let file = 0; file < 2_000; file++) {
    Deno.writeTextFileSync(`${state.path}/outbox/${String(file).padStart(12, "0")}-x.tmp`, "");
  }
  for (const name of ["sequence.tmp", "notes"]) Deno.writeTextFileSync(`${state.path}/${name}`, "");
  await using _outbox = await state.open();
  assert.deepEqual(state.files(), []);
  const names = Array.from(Deno.readDirSync(state.path), ({ name }) => name).sort();
  assert.deepEqual(names, ["epoch", "ledger.jsonl", "notes", "outbox", "sequence", "spare"]);
});

/** Runs a program as root without root's permission to read everything. */
const LIKE_A_USER = ["setpriv", "--bounding-set=-dac_override,-dac_read_search,-fowner", "--inh-caps=-all"];

Deno.test("files of another user are set aside, and the outbox works", {
  ...needsRoot(),
}, async () => {
  for (const place of ["epoch", "sequence", "ledger.jsonl", "outbox", "face"]) {
    await using state = new State();
    {
      await using outbox = await state.open();
      await addFace(outbox);
    }
    const path = place === "face" ? state.file(1) : `${state.path}/${place}`;
    Deno.chownSync(path, 12_345, 12_345);
    const { stderr } = await state.elsewhere(
      `for (const { id } of Array.from(outbox.waiting())) await outbox.read(id);
      await addFace(outbox);
      if (outbox.inMemory > 0) throw new Error("in memory");
      await outbox[Symbol.asyncDispose]();`,
      LIKE_A_USER,
    );
    assert.equal(stderr, "", place);
    assert.ok(state.ledger().length > 0, `the ledger records ${place}`);
    assert.ok(state.files().length > 0);
  }
});
