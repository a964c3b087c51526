/** What the ledger writes, and what it reads again. */
import assert from "node:assert/strict";
import { Ledger } from "./ledger.ts";
import { needsRoot } from "../testing/skip.ts";

/** Runs a test with a ledger in a temporary folder. */
async function withLedger(run: (ledger: Ledger, path: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await run(new Ledger(`${folder}/ledger.jsonl`), `${folder}/ledger.jsonl`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const entry = (sequence: number) => ({
  epoch: "e1",
  sequence,
  id: `id-${sequence}`,
  reason: 'no "room"\nat all',
});
const linesOf = (path: string) => Deno.readTextFileSync(path).split("\n").filter(Boolean);
const sequencesOf = (path: string) => linesOf(path).map((line) => JSON.parse(line).sequence);

Deno.test("an entry is one line of JSON with its time, epoch, number, face and reason", () =>
  withLedger(async (ledger, path) => {
    await ledger.record(entry(7));
    const { time, ...rest } = JSON.parse(linesOf(path).join());
    assert.ok(Math.abs(Date.now() - Date.parse(time)) < 60_000);
    assert.deepEqual(rest, entry(7));
    assert.equal(ledger.evicted, 1);
    assert.equal(Deno.statSync(path).mode! & 0o777, 0o600);
  }));

Deno.test("entries that are made at the same time are each written once, in order", () =>
  withLedger(async (ledger, path) => {
    const all = Array.from({ length: 50 }, (_, index) => index);
    await Promise.all(all.map((sequence) => ledger.record(entry(sequence))));
    assert.deepEqual(sequencesOf(path), all);
  }));

Deno.test("entries beyond the spare space are all written, and spare space is added again", () =>
  withLedger(async (ledger, path) => {
    const all = Array.from({ length: 2_000 }, (_, index) => index);
    for (const sequence of all) await ledger.record(entry(sequence));
    assert.deepEqual(sequencesOf(path), all);
    const used = linesOf(path).join("\n").length + 1;
    assert.ok(Deno.statSync(path).size - used >= 32 * 1024);
  }));

Deno.test("entries are appended to those of earlier starts, also after a line that a power cut has torn", () =>
  withLedger(async (ledger, path) => {
    for (const torn of ['{"sequ', '{"sequ\n\n\n']) {
      await Deno.writeTextFile(path, '{"sequence":1}\n' + torn);
      await ledger.record(entry(2));
      await ledger.record(entry(3));
      assert.deepEqual(linesOf(path).slice(0, 2), ['{"sequence":1}', '{"sequ']);
      assert.deepEqual(linesOf(path).slice(2).map((line) => JSON.parse(line).sequence), [2, 3]);
    }
  }));

Deno.test("entries are written after another program has truncated, removed or replaced the ledger", () =>
  withLedger(async (ledger, path) => {
    await ledger.record(entry(1));
    await Deno.truncate(path);
    await ledger.record(entry(2));
    assert.deepEqual(sequencesOf(path), [2]);
    await Deno.remove(path);
    await ledger.record(entry(3));
    assert.deepEqual(sequencesOf(path), [3]);
    await Deno.writeTextFile(path, '{"sequence":9}\n');
    await ledger.record(entry(4));
    assert.deepEqual(sequencesOf(path), [9, 4]);
  }));

Deno.test("entries that cannot be written are kept, and written with the next one", () =>
  withLedger(async (ledger, path) => {
    await Deno.mkdir(path);
    await ledger.record(entry(1));
    await ledger.record(entry(2));
    assert.deepEqual([ledger.evicted, ledger.unwritten], [2, 2]);
    await Deno.remove(path);
    await ledger.record(entry(3));
    assert.deepEqual(sequencesOf(path), [1, 2, 3]);
    assert.equal(await ledger.flush(), true);
    assert.deepEqual(sequencesOf(path), [1, 2, 3]);
  }));

Deno.test("entries that do not fit in memory are counted in the ledger", () =>
  withLedger(async (ledger, path) => {
    await Deno.mkdir(path);
    const all = Array.from({ length: 10_050 }, (_, index) => ledger.record(entry(index)));
    await Promise.all(all);
    await Deno.remove(path);
    await ledger.flush();
    const lines = linesOf(path).map((line) => JSON.parse(line));
    assert.equal(lines.length, 10_001);
    assert.equal(lines[0].reason, "50 lines did not fit in memory");
    assert.equal(lines[1].sequence, 50);
  }));

Deno.test("a late receipt corrects an entry once, also one of an earlier start", () =>
  withLedger(async (ledger, path) => {
    await ledger.record({ ...entry(1), sent: true });
    await ledger.record(entry(2));
    assert.equal(await ledger.correct("id-1"), true);
    assert.equal(await ledger.correct("id-1"), false);
    assert.equal(await ledger.correct("id-9"), false);
    assert.equal(ledger.evicted, 1);
    const second = new Ledger(path);
    await second.open();
    assert.equal(await second.correct("id-1"), false);
    assert.equal(await second.correct("id-2"), true);
    assert.equal(second.evicted, 0);
    const shown = linesOf(path).map((line) => JSON.parse(line))
      .map(({ sequence, sent, stored }) => [sequence, sent, stored]);
    assert.deepEqual(shown, [
      [1, true, undefined],
      [2, undefined, undefined],
      [1, undefined, true],
      [2, undefined, true],
    ]);
  }));

Deno.test("unreadable content in the ledger of an earlier start is ignored", () =>
  withLedger(async (ledger, path) => {
    await Deno.writeFile(path, new Uint8Array(100_000).map((_, index) => index * 37));
    await ledger.open();
    await ledger.record(entry(1));
    assert.equal(JSON.parse(linesOf(path).at(-1)!).sequence, 1);
  }));

Deno.test("a ledger above its limit is renamed to .old, and replaces whatever has that name", () =>
  withLedger(async (ledger, path) => {
    await Deno.writeTextFile(path, "x");
    await Deno.truncate(path, 65 * 2 ** 20);
    await Deno.mkdir(`${path}.old/x`, { recursive: true });
    await ledger.record(entry(1));
    assert.equal(ledger.unwritten, 0);
    await Deno.remove(`${path}.old`, { recursive: true });
    await ledger.record(entry(2));
    assert.deepEqual(sequencesOf(path), [2]);
    assert.ok(Deno.statSync(`${path}.old`).size > 64 * 2 ** 20);
  }));

Deno.test("on a full disk entries are written while there is spare space, and never half a line", {
  ...needsRoot(),
}, async () => {
  const folder = await Deno.makeTempDir();
  const command = (name: string, ...args: string[]) => new Deno.Command(name, { args }).outputSync().success;
  assert.ok(command("mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", folder));
  try {
    const path = `${folder}/ledger.jsonl`;
    const ledger = new Ledger(path);
    await ledger.open();
    await assert.rejects(Deno.writeFile(`${folder}/others`, new Uint8Array(131_072)));
    for (let sequence = 1; sequence <= 90; sequence++) {
      await ledger.record({ ...entry(sequence), reason: "x".repeat(900) });
    }
    const before = sequencesOf(path);
    assert.ok(before.length > 50 && before.length < 90, `${before.length} of 90 entries were written`);
    await Deno.remove(`${folder}/others`);
    await ledger.flush();
    assert.deepEqual(sequencesOf(path), Array.from({ length: 90 }, (_, index) => index + 1));
  } finally {
    command("umount", folder);
    await Deno.remove(folder);
  }
});
