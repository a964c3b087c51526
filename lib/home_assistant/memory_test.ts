/** The file that remembers what Home Assistant has. */
import assert from "node:assert/strict";
import { DISK } from "../durable_file.ts";
import { TempFolder } from "../testing/temp_folder.ts";
import { Memory, type Remembered } from "./memory.ts";

const VALUE: Remembered = {
  topics: [
    "homeassistant/device/haarlem_board1_detector-front/config",
    "haarlem/board1/detector-front/settings/min-size",
  ],
  components: { face: "image" },
  settings: { "min-size": "60" },
};
const never = () => assert.fail("damaged");

Deno.test("what is written is read again, from a folder that did not exist", async () => {
  using folder = new TempFolder();
  const memory = new Memory(`${folder.path}/new/state`);
  assert.equal(await memory.read(never), undefined);
  await memory.write(VALUE);
  assert.deepEqual(await memory.read(never), VALUE);
  await memory.remove();
  assert.equal(await memory.read(never), undefined);
});

Deno.test("a file that is damaged, too large or of another form is reported, and holds nothing", async () => {
  using folder = new TempFolder();
  const memory = new Memory(folder.path);
  for (const text of ["", "{", "7", "null", JSON.stringify({ ...VALUE, more: "x".repeat(70_000) })]) {
    const damages: string[] = [];
    await Deno.writeTextFile(memory.path, text);
    assert.equal(await memory.read((reason) => damages.push(reason)), undefined);
    assert.equal(damages.length, 1, text.slice(0, 10));
  }
});

Deno.test("topics that are no detector's are ignored: nobody else's messages are ever removed", async () => {
  using folder = new TempFolder();
  const memory = new Memory(folder.path);
  const others = [
    "homeassistant/device/lamp/config",
    "face_detection",
    "haarlem/board1/detector-front/settings/+",
    "haarlem/board1/forwarder/status",
    "#",
    7,
  ];
  await Deno.writeTextFile(
    memory.path,
    JSON.stringify({ topics: [...others, ...VALUE.topics], settings: [] }),
  );
  assert.deepEqual(await memory.read(never), { topics: VALUE.topics, components: {}, settings: {} });
});

Deno.test("an error of the disk is the caller's", async () => {
  using folder = new TempFolder();
  const full = { ...DISK, write: () => Promise.reject(new Error("No space left on device")) };
  await assert.rejects(new Memory(folder.path, full).write(VALUE), /No space left/);
});
