/** With any damage in a state folder the detector starts, sends the waiting faces, and assigns no number twice. */
import assert from "node:assert/strict";
import { DAMAGES } from "../../lib/testing/outbox_damage.ts";
import { needs } from "../needs.ts";
import { programCommand } from "../servers/run_program.ts";
import { assertExplained, Door } from "./door.ts";
import { TempFolder } from "../../lib/testing/temp_folder.ts";
import { until } from "../../lib/testing/until.ts";

/** A broker that does not exist. */
const NO_BROKER = ["--broker", "mqtt://127.0.0.1:9"];

/** Fills the outbox, and ends the detector with kill -9. */
async function letWait(door: Door, faces: number): Promise<string[]> {
  await using detector = door.detector(NO_BROKER);
  await until(() => door.waiting().length >= faces, `${faces} faces wait`, { folder: door.state });
  await detector.kill();
  return door.waiting();
}

/** Runs a detector until every face that waited is stored. */
async function sends(door: Door, waiting: readonly string[]): Promise<string> {
  await using detector = door.detector();
  await detector.printed(/first frame/);
  await until(async () => {
    const { stored } = await door.fate();
    return waiting.every((number) => stored.includes(number)) && stored.length >= waiting.length + 3;
  }, `${waiting} and three new faces are stored`);
  detector.signal("SIGTERM");
  const { code, stderr } = await detector.ended();
  assert.equal(code, 0, stderr);
  return stderr;
}

/** One of each kind; lib/outbox/outbox_damage_test.ts has all of them in all places. */
const EXAMPLES = [
  { place: "epoch", name: "a folder" },
  { place: "sequence", name: "an empty file" },
  { place: "ledger.jsonl", name: "a link to itself" },
  { place: "lock", name: "a folder" },
  { place: "outbox", name: "a pipe" },
];

for (const { place, name } of EXAMPLES) {
  Deno.test(`a detector starts with ${name} in the place of ${place}`, needs("mosquitto"), async () => {
    using folder = new TempFolder();
    await using door = await Door.open(folder.path);
    const waiting = await letWait(door, 5);
    const before = door.epoch;
    const path = `${folder.path}/${place}`;
    await Deno.remove(path, { recursive: true }).catch(() => {});
    DAMAGES[name](path);
    const stderr = await sends(door, place === "outbox" ? [] : waiting);
    const isNumber = ["epoch", "sequence", "outbox"].includes(place);
    assert.equal(door.epoch !== before, isNumber, "a new epoch begins when the numbers are damaged");
    if (place !== "lock") {
      assert.match(stderr, new RegExp(`cannot use "${place}" in the state folder: .*; it is set aside`));
    }
    if (isNumber) assert.ok(door.lines().some(({ damaged }) => damaged === place), "the ledger says so");
    if (place !== "outbox") assertExplained(await door.fate());
  });
}

Deno.test(
  "damaged faces in the outbox are evicted by number, the others are sent",
  needs("mosquitto"),
  async () => {
    using folder = new TempFolder();
    await using door = await Door.open(folder.path);
    await letWait(door, Object.keys(DAMAGES).length + 2);
    const names = Array.from(Deno.readDirSync(`${folder.path}/outbox`), ({ name }) => name).sort();
    const damaged = Object.values(DAMAGES).slice(1).map((damage, index) => {
      const path = `${folder.path}/outbox/${names[index]}`;
      Deno.removeSync(path);
      damage(path);
      return `${door.epoch}/${Number(names[index].slice(0, 12))}`;
    });
    const truncated = `${folder.path}/outbox/${names[damaged.length]}`;
    Deno.truncateSync(truncated, 100);
    damaged.push(`${door.epoch}/${Number(names[damaged.length].slice(0, 12))}`);
    for (let index = 0; index < 2_000; index++) {
      Deno.writeTextFileSync(`${folder.path}/outbox/${String(index).padStart(12, "0")}-x.tmp`, "");
    }
    const waiting = (await door.fate()).waiting.filter((number) => !damaged.includes(number));
    await sends(door, waiting);
    const fate = await door.fate();
    assertExplained(fate);
    assert.deepEqual(damaged.filter((number) => !fate.inLedger.has(number)), []);
    const left = Array.from(Deno.readDirSync(`${folder.path}/outbox`), ({ name }) => name);
    assert.equal(left.filter((name) => name.endsWith(".tmp")).length, 0);
    const kept = Array.from(Deno.readDirSync(`${folder.path}/damaged`));
    assert.ok(kept.length > 0 && kept.length <= 20, `${kept.length} entries`);
  },
);

Deno.test(
  "only its own user can read what a detector creates, whatever the umask is",
  needs("mosquitto"),
  async () => {
    using folder = new TempFolder();
    const state = `${folder.path}/new/state`;
    await using door = await Door.open(state);
    const [deno, ...rest] = programCommand("detector");
    const command = ["sh", "-c", 'umask 000; exec "$@"', "sh", deno, ...rest];
    await using detector = door.detector(NO_BROKER, { command });
    await until(() => door.waiting().length >= 3, "faces wait", { folder: door.state });
    const modes = (path: string): string[] =>
      Array.from(Deno.readDirSync(path)).flatMap(({ name, isDirectory }) => {
        const mode = Deno.statSync(`${path}/${name}`).mode! & 0o777;
        const own = mode === (isDirectory ? 0o700 : 0o600) ? [] : [`${name} ${mode.toString(8)}`];
        return isDirectory ? [...own, ...modes(`${path}/${name}`)] : own;
      });
    await detector.kill(); // It would remove files while they are looked at.
    assert.deepEqual(modes(folder.path), []);
  },
);
