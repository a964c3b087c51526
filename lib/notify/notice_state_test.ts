/** The state of a notifier: what a restart, a damaged file and a faulty disk leave of it. */
import assert from "node:assert/strict";
import { DISK } from "../durable_file.ts";
import { TempFolder } from "../testing/temp_folder.ts";
import { NoticeState } from "./notice_state.ts";

const ID = "a".repeat(64);
const WAITING = {
  visits: 3,
  from: "2026-11-26T12:00:00.000Z",
  to: "2026-11-26T13:00:00.000Z",
  cameras: { front: 3 },
};
const onDisk = () => {};

Deno.test("faces, references and what waits are there after a restart", async () => {
  using folder = new TempFolder();
  const state = await NoticeState.open({ folder: folder.at("state"), onDisk });
  assert.ok(state.add(ID));
  state.visits.set("visit", {});
  state.sent("visit", "telegram", "17");
  state.waiting = () => ({ ntfy: WAITING });
  await state.save();
  const again = await NoticeState.open({ folder: folder.at("state"), onDisk });
  assert.ok(again.has(ID) && !again.add(ID));
  assert.deepEqual(again.visits.get("visit"), { telegram: "17" });
  assert.deepEqual([...again.waited], [["ntfy", WAITING]]);
  assert.equal(Deno.statSync(folder.at("state/notified.json")).mode! & 0o777, 0o600);
});

Deno.test("a damaged file keeps nothing from starting, and what is whole in it counts", async () => {
  using folder = new TempFolder();
  const whole = {
    ids: [ID, "short", 7],
    visits: { v: { ntfy: "1", smoke: "2", telegram: 3 } },
    waiting: { ntfy: WAITING },
  };
  const contents = [
    ...["", "null", "7", "[]", "{", '{"ids":7,"visits":null,"waiting":[1]}', "\0".repeat(100)],
    JSON.stringify({ waiting: { ntfy: { ...WAITING, visits: -1 }, telegram: { ...WAITING, from: "x" } } }),
  ];
  for (const content of contents) {
    folder.write("notified.json", content);
    const state = await NoticeState.open({ folder: folder.path, onDisk });
    assert.equal(state.waited.size, 0, content);
    assert.ok(state.add(ID), content);
  }
  folder.write("notified.json", JSON.stringify(whole));
  const state = await NoticeState.open({ folder: folder.path, onDisk });
  assert.ok(state.has(ID));
  assert.deepEqual(state.visits.get("v"), { ntfy: "1" });
  folder.write("notified.json", "x".repeat(2 ** 20 + 1));
  assert.equal((await NoticeState.open({ folder: folder.path, onDisk })).has(ID), false);
});

Deno.test("a disk that cannot be written is reported and tried again; memory remembers meanwhile", async () => {
  using folder = new TempFolder();
  const reports: (string | undefined)[] = [];
  let isFull = true;
  const write = async (path: string, bytes: Uint8Array) => {
    if (isFull) throw new Error("No space left on device (os error 28)");
    await DISK.write(path, bytes);
  };
  const disk = { ...DISK, write };
  const state = await NoticeState.open({
    folder: folder.path,
    onDisk: (reason) => reports.push(reason),
    disk,
  });
  state.add(ID);
  await state.save();
  assert.deepEqual(reports, ["No space left on device (os error 28)"]);
  assert.ok(state.has(ID));
  isFull = false;
  await state.saveChanges();
  assert.equal(reports.length, 2);
  assert.ok((await NoticeState.open({ folder: folder.path, onDisk })).has(ID));
});

Deno.test("concurrent saves share writes, and each returns after one that began after it", async () => {
  using folder = new TempFolder();
  let writes = 0;
  const disk = { ...DISK, write: (path: string, bytes: Uint8Array) => (writes++, DISK.write(path, bytes)) };
  const state = await NoticeState.open({ folder: folder.path, onDisk, disk });
  const saves = Array.from({ length: 20 }, async (_, index) => {
    state.add(String(index).padStart(64, "0"));
    await state.save();
    const { ids } = JSON.parse(await Deno.readTextFile(folder.at("notified.json")));
    assert.ok(ids.includes(String(index).padStart(64, "0")));
  });
  await Promise.all(saves);
  assert.ok(writes <= 3, `${writes} writes`);
});

Deno.test("ids and visits are bounded", async () => {
  const state = await NoticeState.open({ onDisk });
  for (let count = 0; count < 5_000; count++) {
    state.add(String(count).padStart(64, "0"));
    state.visits.set(`visit${count}`, {});
  }
  assert.ok(state.has("4999".padStart(64, "0")) && !state.has("3".padStart(64, "0")));
  assert.equal(state.visits.size, 500);
});
