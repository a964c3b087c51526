/** The detector on disks that are full or read-only from the start, or become so and recover. */
import assert from "node:assert/strict";
import { programCommand, RunningProgram } from "../servers/run_program.ts";
import { needsMount, SmallDisk } from "../servers/small_disk.ts";
import { assertExplained, Door, type Fate } from "./door.ts";
import { until } from "../../lib/testing/until.ts";

const DISK_KIB = 2_048;

async function readiness(detector: RunningProgram): Promise<{ code: number; why?: string }> {
  const [, address] = await detector.printed(/health at (http:\S+\/)healthz/);
  const response = await fetch(`${address}readyz`);
  return { code: response.status, why: (await response.json()).why };
}

/** The number of faces that a detector reports to be in memory only. */
async function inMemory(detector: RunningProgram): Promise<number> {
  const [, address] = await detector.printed(/health at (http:\S+\/)healthz/);
  const { done } = await (await fetch(`${address}healthz`)).json();
  return done.inMemory ?? 0;
}

async function storesMore(door: Door, faces: number): Promise<void> {
  const before = await door.stored();
  await until(async () => await door.stored() >= before + faces, `${faces} more faces are stored`);
}

/** Ends a detector as systemd does, and returns the number of faces that it found. */
async function stopped(detector: RunningProgram): Promise<number> {
  detector.signal("SIGTERM");
  const { code, stderr } = await detector.ended();
  assert.equal(code, 0, stderr);
  return Number(/done .*faces=(\d+)/.exec(stderr)![1]);
}

const times = (text: string, what: RegExp) => Array.from(text.matchAll(new RegExp(what, "g"))).length;

/** Numbers of the epoch of a run without a disk; the ledger records that their faces got other ones. */
function renumbered({ inLedger }: Fate): number {
  return Array.from(inLedger.values()).filter((reason) => /the face has number/.test(reason)).length;
}

const TROUBLES = [
  {
    name: "full",
    begin: (disk: SmallDisk) => disk.fill(),
    end: (disk: SmallDisk) => disk.empty(),
    said: /the disk is full: No space left on device/,
  },
  {
    name: "read-only",
    begin: (disk: SmallDisk) => disk.readOnly = true,
    end: (disk: SmallDisk) => disk.readOnly = false,
    said: /the disk is read-only: Read-only file system/,
  },
];

for (const { name, begin, end, said } of TROUBLES) {
  Deno.test(
    `a detector starts on a ${name} disk, sends every face from memory, and says why it is not ready`,
    needsMount("mosquitto"),
    async () => {
      await using disk = new SmallDisk(DISK_KIB);
      await using door = await Door.open(`${disk.path}/state`);
      begin(disk);
      await using detector = door.detector();
      await storesMore(door, 20);
      const { code, why } = await readiness(detector);
      assert.equal(code, 503);
      assert.match(why!, said);
      const faces = await stopped(detector);
      assert.equal(times(detector.stderr, /the disk is/), 1, detector.stderr);
      const fate = await door.fate().catch(() => undefined); // The disk has no epoch.
      assert.equal(fate ? fate.stored.length : await door.stored(), faces);
    },
  );

  Deno.test(
    `a disk that becomes ${name} in the middle and recovers loses no face and is reported once`,
    needsMount("mosquitto"),
    async () => {
      await using disk = new SmallDisk(DISK_KIB);
      await using door = await Door.open(`${disk.path}/state`);
      await using detector = door.detector();
      await storesMore(door, 10);
      assert.equal((await readiness(detector)).code, 200);
      begin(disk);
      await detector.printed(said);
      await storesMore(door, 20);
      begin(disk); // Receipts have freed the space of the faces that waited on it.
      await until(async () => (await readiness(detector)).code === 503, "the detector is not ready");
      end(disk);
      // The first of these lines may be older: a receipt frees space between two faces.
      await detector.printed(/the disk can be written again/);
      await until(async () => (await readiness(detector)).code === 200, "the detector is ready again");
      await storesMore(door, 10);
      const faces = await stopped(detector);
      assert.equal(times(detector.stderr, /the disk is/), 1, detector.stderr);
      const fate = await door.fate();
      assert.equal(assertExplained(fate), name === "full" ? 0 : renumbered(fate));
      // A stored face waits until its receipt has arrived.
      assert.equal(new Set([...fate.stored, ...fate.waiting]).size, faces);
    },
  );

  Deno.test(
    `faces that wait on a disk which is ${name} at the next start are sent`,
    needsMount("mosquitto"),
    async () => {
      await using disk = new SmallDisk(DISK_KIB);
      await using door = await Door.open(`${disk.path}/state`);
      await door.broker.kill();
      await using first = door.detector();
      await first.printed(/first frame/);
      await until(async () => (await door.fate()).waiting.length >= 5, "faces wait");
      await first.kill();
      begin(disk);
      await door.broker.start();
      await using second = door.detector();
      await storesMore(door, 20);
      await stopped(second);
      end(disk);
      await using third = door.detector();
      await storesMore(door, 5);
      await stopped(third);
      assertExplained(await door.fate());
    },
  );
}

Deno.test(
  "on a full disk without a broker, memory holds faces up to its limit, and the ledger names the evicted ones",
  needsMount("mosquitto"),
  async () => {
    await using disk = new SmallDisk(512);
    await using door = await Door.open(`${disk.path}/state`);
    await door.broker.kill();
    await using detector = door.detector(["--memory-faces", "5"]);
    await detector.printed(/faces are evicted; the ledger lists them/);
    await until(() => door.ledger().size >= 10, "ten faces are evicted");
    await door.broker.start();
    await storesMore(door, 20);
    await stopped(detector);
    assert.ok(assertExplained(await door.fate()) >= 10);
  },
);

Deno.test(
  "kill -9 again and again on a full disk: no number twice, no wrong ledger entry, no missing face",
  needsMount("mosquitto"),
  async () => {
    await using disk = new SmallDisk(DISK_KIB);
    await using door = await Door.open(`${disk.path}/state`);
    await using first = door.detector();
    await storesMore(door, 3);
    disk.fill();
    await storesMore(door, 10);
    await first.kill();
    for (let round = 0; round < 3; round++) {
      await using detector = door.detector(["--memory-faces", "6"]);
      await storesMore(door, 5);
      door.saver.signal("SIGSTOP");
      await detector.printed(/no receipt comes|faces are evicted/);
      door.saver.signal("SIGCONT");
      await detector.kill();
    }
    disk.empty();
    await using last = door.detector();
    await last.printed(/first frame/);
    await storesMore(door, 5);
    await stopped(last);
    assertExplained(await door.fate());
  },
);

Deno.test(
  "a detector that is stopped on a full disk without a broker logs which faces are lost with it",
  needsMount("mosquitto"),
  async () => {
    await using disk = new SmallDisk(DISK_KIB);
    await using door = await Door.open(`${disk.path}/state`);
    {
      await using first = door.detector();
      await first.printed(/first frame/);
      await storesMore(door, 3);
      await stopped(first);
    }
    disk.fill();
    await using detector = door.detector(["--broker", "mqtt://127.0.0.1:9"]);
    await detector.printed(/the disk is full/);
    await until(async () => await inMemory(detector) >= 3, "three faces are in memory");
    await stopped(detector);
    const [, count] = /faces without a file are lost; .* faces=(\d+)/.exec(detector.stderr)!;
    const reasons = Array.from(door.ledger().values());
    const stoppedWith = reasons.filter((reason) => /only in memory when the program stopped/.test(reason));
    assert.equal(stoppedWith.length, Number(count));
    assertExplained(await door.fate());
  },
);

Deno.test(
  "a logger whose output is on a full disk reports it once and continues when there is space",
  needsMount("mosquitto"),
  async () => {
    await using disk = new SmallDisk(64);
    await using door = await Door.open(`${disk.path}/state`);
    const state = await Deno.makeTempDir();
    const [deno, ...rest] = programCommand("logger");
    const command = ["sh", "-c", `exec "$@" >>"${disk.path}/faces"`, "sh", deno, ...rest];
    Deno.writeTextFileSync(`${disk.path}/faces`, "");
    disk.fill();
    await using logger = new RunningProgram("logger", ["--broker", door.broker.url, "--json"], { command });
    await logger.printed(/connected to the broker/);
    await using detector = door.detector(["--state", state]);
    await logger.printed(/cannot write to standard output: No space left on device/);
    await storesMore(door, 5);
    disk.empty();
    await logger.printed(/standard output can be written again/);
    const lines = () => Deno.readTextFileSync(`${disk.path}/faces`).split("\n").slice(0, -1);
    await until(() => lines().length >= 3, "lines are written");
    for (const line of lines()) JSON.parse(line);
    assert.equal(times(logger.stderr, /cannot write to standard output/), 1);
    await detector.kill();
    await Deno.remove(state, { recursive: true });
  },
);

Deno.test(
  "a detector that writes into a folder waits for its disk, reports it once, and loses no face",
  needsMount(),
  async () => {
    await using disk = new SmallDisk(1_024);
    const args = ["--source", "sample", "--once", "--realtime", "--rate", "20", "--health", "127.0.0.1:0"];
    disk.fill();
    await using detector = new RunningProgram("detector", [...args, "--out", `${disk.path}/out`]);
    await detector.printed(/cannot write a face into ".*": No space left on device/);
    const { code, why } = await readiness(detector);
    assert.equal(code, 503);
    assert.match(why!, /folder: cannot write a face into ".*": No space left on device/);
    disk.empty();
    await detector.printed(/the folder can be written again/);
    const ended = await detector.ended();
    assert.equal(ended.code, 0, ended.stderr);
    assert.match(ended.stderr, /done .*faces=(\d+) written=\1\n/);
    assert.equal(times(ended.stderr, /cannot write/), 1);
  },
);
