import assert from "node:assert/strict";
import { Ledger } from "./ledger.ts";

/** A ledger in a folder that is gone after the test. */
async function withLedger(run: (ledger: Ledger, path: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await run(new Ledger(`${folder}/ledger.jsonl`, "e1"), `${folder}/ledger.jsonl`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const entry = (sequence: number) => ({ sequence, id: `id-${sequence}`, reason: 'no "room"\nat all' });
const linesOf = (path: string) => Deno.readTextFileSync(path).trimEnd().split("\n");
const sequencesOf = (path: string) => linesOf(path).map((line) => JSON.parse(line).sequence);

Deno.test("an entry is one line of JSON with its time, epoch, number, face and reason", () =>
  withLedger(async (ledger, path) => {
    await ledger.record(entry(7));
    const { time, ...rest } = JSON.parse(linesOf(path).join());
    assert.ok(Math.abs(Date.now() - Date.parse(time)) < 60_000);
    assert.deepEqual(rest, { epoch: "e1", ...entry(7) });
    assert.equal(ledger.entries, 1);
  }));

Deno.test("entries that are made at the same time are each written once, in order", () =>
  withLedger(async (ledger, path) => {
    const all = Array.from({ length: 50 }, (_, index) => index);
    await Promise.all(all.map((sequence) => ledger.record(entry(sequence))));
    assert.deepEqual(sequencesOf(path), all);
  }));

Deno.test("entries are added to those of earlier starts, also behind a line that a power cut has torn", () =>
  withLedger(async (ledger, path) => {
    await Deno.writeTextFile(path, '{"sequence":1}\n{"sequ');
    await ledger.record(entry(2));
    await ledger.record(entry(3));
    assert.deepEqual(linesOf(path).slice(0, 2), ['{"sequence":1}', '{"sequ']);
    assert.deepEqual(linesOf(path).slice(2).map((line) => JSON.parse(line).sequence), [2, 3]);
  }));

Deno.test("entries that cannot be written are kept and written with the next one", () =>
  withLedger(async (ledger, path) => {
    await Deno.mkdir(path);
    await ledger.record(entry(1));
    await ledger.record(entry(2));
    assert.equal(ledger.entries, 2);
    await Deno.remove(path);
    await ledger.record(entry(3));
    assert.deepEqual(sequencesOf(path), [1, 2, 3]);
    await ledger.flush();
    assert.deepEqual(sequencesOf(path), [1, 2, 3]);
  }));

Deno.test("a full disk leaves no half a line", { ignore: Deno.uid() !== 0 }, async () => {
  const folder = await Deno.makeTempDir();
  const command = (name: string, ...args: string[]) => new Deno.Command(name, { args }).outputSync().success;
  assert.ok(command("mount", "-t", "tmpfs", "-o", "size=32k", "tmpfs", folder));
  try {
    const path = `${folder}/ledger.jsonl`;
    const ledger = new Ledger(path, "e1");
    await Deno.writeFile(`${folder}/others`, new Uint8Array(20_480));
    for (let sequence = 1; sequence <= 30; sequence++) {
      await ledger.record({ ...entry(sequence), reason: "x".repeat(900) });
    }
    const before = sequencesOf(path);
    assert.ok(before.length > 0 && before.length < 30, `${before.length} of 30 entries found room`);
    await Deno.remove(`${folder}/others`);
    await ledger.flush();
    assert.deepEqual(sequencesOf(path), Array.from({ length: 30 }, (_, index) => index + 1));
  } finally {
    command("umount", folder);
    await Deno.remove(folder);
  }
});
