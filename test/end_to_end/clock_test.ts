/** Boards without a battery for their clock start in 1970: no face is lost, and none is dated 1970. */
import assert from "node:assert/strict";
import { stays, until } from "../../lib/testing/until.ts";
import { join } from "node:path";
import type { FaceFile } from "../../lib/face/face.ts";
import { readFace } from "../../lib/face/face_file.ts";
import { needs } from "../needs.ts";
import { FakedBoard } from "../servers/faked_board.ts";
import { Mosquitto } from "../servers/mosquitto.ts";
import { RunningProgram, runProgram } from "../servers/run_program.ts";

/** The time since the boot may differ by this much between two runs of the program. */
const COUNTS_DIFFER_MS = 1_000;

/** A board in 1970, a broker and a saver; their files are removed with the test. */
class Door implements AsyncDisposable {
  readonly board = new FakedBoard();
  readonly state = Deno.makeTempDirSync({ prefix: "state-" });
  readonly beganMs = Date.now();

  private constructor(
    readonly broker: Mosquitto,
    readonly saver: RunningProgram,
    readonly store: string,
  ) {}

  static async open(): Promise<Door> {
    const broker = await Mosquitto.start();
    const store = Deno.makeTempDirSync({ prefix: "store-" });
    const saver = new RunningProgram("saver", ["--broker", broker.url, "--store", store]);
    await saver.printed(/connected/);
    return new Door(broker, saver, store);
  }

  detector(...args: string[]): RunningProgram {
    const way = ["--broker", this.broker.url, "--state", this.state, "--retry", "1"];
    return new RunningProgram("detector", ["--source", "sample", ...way, ...args], this.board.on("detector"));
  }

  /** Resolves with the number of provisional faces in the outbox when it is at least `atLeast`. */
  async waiting(atLeast: number): Promise<number> {
    const enough = async () => {
      const files = await Array.fromAsync(Deno.readDir(join(this.state, "outbox"))).catch(() => []);
      const { length } = files.filter(({ name }) => name.endsWith(".unsettled"));
      return length >= atLeast && length;
    };
    return await until(enough, `${atLeast} faces wait`, { folder: this.state });
  }

  faces(): Map<string, FaceFile> {
    return facesIn(this.store);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.saver.kill();
    await this.broker[Symbol.asyncDispose]();
    this.board[Symbol.dispose]();
    for (const folder of [this.state, this.store]) Deno.removeSync(folder, { recursive: true });
  }
}

/** All faces below a folder by their path in it. */
function facesIn(folder: string): Map<string, FaceFile> {
  const faces = new Map<string, FaceFile>();
  const look = (below: string) => {
    for (const { name, isDirectory } of Deno.readDirSync(join(folder, below))) {
      const path = join(below, name);
      if (isDirectory) look(path);
      else if (!name.endsWith(".tmp")) faces.set(path, readFace(Deno.readFileSync(join(folder, path))));
    }
  };
  look("");
  return faces;
}

/** Expects every face once, under a key of its true time. */
function assertAllTrue(faces: Map<string, FaceFile>, count: number, sinceMs: number): void {
  const sequences = Array.from(faces.values(), ({ metadata }) => metadata!.sequence).sort((a, b) => a - b);
  assert.deepEqual(sequences, Array.from({ length: count }, (_, index) => index + 1));
  for (const [key, { metadata }] of faces) {
    const { captured, clock } = metadata!;
    assert.ok(
      Date.parse(captured) >= sinceMs && Date.parse(captured) <= Date.now() + COUNTS_DIFFER_MS,
      captured,
    );
    assert.ok(key.startsWith(captured.slice(0, 10)), key);
    assert.equal(clock!.synchronised, "no");
    assert.match(clock!.corrected!.from, /^1970-/);
  }
}

const facesOf = (stderr: string) => Number(/done .*faces=(\d+)/.exec(stderr)?.[1]);

Deno.test(
  "faces of 1970 wait for the clock, and are stored with their capture times",
  needs("mosquitto"),
  async () => {
    await using door = await Door.open();
    await using detector = door.detector("--once");
    await detector.printed(
      /the board's clock was never set; faces wait in the outbox until the clock is set/,
    );
    await detector.printed(/connected/);
    await door.waiting(10);
    await stays(() => door.faces().size === 0, "no face is stored although everything is connected", 1_500);
    door.board.setClock();
    const { code, stderr } = await detector.ended();
    assert.equal(code, 0, stderr);
    assert.equal(stderr.match(/never set/g)!.length, 1);
    assert.match(stderr, /waiting=0 .*evicted=0/);
    assertAllTrue(door.faces(), facesOf(stderr), door.beganMs);
    for (const { metadata } of door.faces().values()) assert.equal(metadata!.clock!.corrected!.exact, true);
  },
);

Deno.test("kill -9 while they wait loses neither the faces nor their times", needs("mosquitto"), async () => {
  await using door = await Door.open();
  await using detector = door.detector("--once");
  const count = await door.waiting(10);
  await detector.kill();
  door.board.setClock();
  await using again = door.detector("--once");
  const { code, stderr } = await again.ended();
  assert.equal(code, 0, stderr);
  const faces = Array.from(door.faces()).filter(([, { metadata }]) => metadata!.clock!.corrected);
  assert.ok(faces.length >= count);
  assertAllTrue(new Map(faces), faces.length, door.beganMs - COUNTS_DIFFER_MS);
  assert.equal(
    door.faces().size,
    faces.length + facesOf(stderr),
    "those of the second run were right at once",
  );
});

Deno.test(
  "after a restart of the board their times are bounds, and marked as such",
  needs("mosquitto"),
  async () => {
    await using door = await Door.open();
    await using detector = door.detector("--once");
    await door.waiting(10);
    await detector.kill();
    door.board.reboot();
    door.board.setClock();
    await using again = door.detector("--once");
    assert.equal((await again.ended()).code, 0);
    const bootMs = Date.now() - Deno.osUptime() * 1_000;
    const bounded = Array.from(door.faces().values(), ({ metadata }) => metadata!).filter(({ clock }) =>
      clock!.corrected
    );
    assert.ok(bounded.length >= 10);
    for (const { captured, clock } of bounded) {
      assert.equal(clock!.corrected!.exact, false);
      assert.ok(Math.abs(Date.parse(captured) - bootMs) < 3_000, captured);
    }
    assert.deepEqual(Array.from(door.faces().keys()).filter((key) => key.startsWith("1970")), []);
  },
);

Deno.test("without an outbox a face of 1970 is stored without a date", needs("mosquitto"), async () => {
  await using door = await Door.open();
  await using detector = door.detector("--once", "--receipts", "off");
  const { stderr } = await detector.ended();
  assert.match(stderr, /the board's clock was never set; faces are stored without a date/);
  const areStored = () => door.faces().size >= facesOf(stderr);
  await until(areStored, "all faces are stored", { folder: door.store });
  const keys = Array.from(door.faces().keys());
  assert.equal(keys.length, facesOf(stderr));
  for (const key of keys) assert.match(key, /^undated\/camera_[0-9a-f]{16}_\d{8}_[0-9a-f]{12}\.png$/);
});

Deno.test("a detector with --out stores no face under a day of 1970", async () => {
  using board = new FakedBoard();
  const out = Deno.makeTempDirSync();
  const { code, stderr } = await runProgram(
    "detector",
    ["--source", "sample", "--once", "--out", out],
    board.on("detector"),
  );
  assert.equal(code, 0, stderr);
  assert.deepEqual(Array.from(Deno.readDirSync(out), ({ name }) => name), ["undated"]);
  await Deno.remove(out, { recursive: true });
});
