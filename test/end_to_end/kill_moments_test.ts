/** kill -9 of the real detector before and after each of its disk operations. */
import assert from "node:assert/strict";
import { sourceCommand } from "../../lib/demo/child.ts";
import { needs } from "../needs.ts";
import { needsMount, SmallDisk } from "../servers/small_disk.ts";
import { assertExplained, Door } from "./door.ts";

/** The disk operations of a detector for a face: the call, its path, and its purpose. */
const MOMENTS = [
  { call: "rename", path: /outbox\/.*\.tmp$/, what: "a face gets its name" },
  { call: "open", path: /outbox\/.*\.tmp$/, what: "a face is written" },
  { call: "open", path: /\/sequence$/, what: "the number is recorded" },
  { call: "remove", path: /outbox\/\d{12}/, what: "a face with a receipt leaves" },
  { call: "open", path: /\/ledger\.jsonl$/, what: "the ledger is opened" },
] as const;

/** A script for `deno run --preload`: the process kills itself at the `nth` such call. */
function killerScript(call: string, path: RegExp, when: "before" | "after", nth: number): string {
  return `
    const real = Deno.${call};
    let calls = 0;
    const die = () => (Deno.kill(Deno.pid, "SIGKILL"), new Promise(() => {}));
    Deno.${call} = async (path, ...rest) => {
      const isIt = ${path}.test(String(path)) && ++calls === ${nth};
      if (isIt && ${when === "before"}) await die();
      const result = await real(path, ...rest);
      if (isIt) await die();
      return result;
    };`;
}

async function killedAt(door: Door, script: string, args: readonly string[] = []): Promise<void> {
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  await Deno.writeTextFile(file, script);
  // With all permissions: a detector may not kill.
  const [deno, run, ...rest] = sourceCommand("detector").map((part) => part.startsWith("-P=") ? "-A" : part);
  await using detector = door.detector(args, { command: [deno, run, `--preload=${file}`, ...rest] });
  const timer = setTimeout(() => detector.signal("SIGTERM"), 60_000);
  const { code, stderr } = await detector.ended();
  clearTimeout(timer);
  await Deno.remove(file);
  assert.equal(code, 137, `it was killed:\n${stderr}`);
}

/** A detector that ends by itself when every face has its receipt. */
async function finishes(door: Door): Promise<void> {
  await using detector = door.detector(["--once"]);
  const { code, stderr } = await detector.ended();
  assert.equal(code, 0, stderr);
}

Deno.test(
  "kill -9 at each moment loses no face, assigns no number twice and leaves no gap",
  needs("mosquitto"),
  async (test) => {
    const state = Deno.makeTempDirSync({ prefix: "state-" });
    await using door = await Door.open(state);
    for (const { call, path, what } of MOMENTS) {
      for (const when of ["before", "after"] as const) {
        await test.step(`${when} ${what}`, async () => {
          // The ledger is opened for its first entries: evicted faces.
          const more = what.startsWith("the ledger")
            ? ["--outbox-faces", "1", "--broker", "mqtt://127.0.0.1:9"]
            : [];
          await killedAt(door, killerScript(call, path, when, 3), more);
        });
      }
    }
    await finishes(door);
    const fate = await door.fate();
    assert.deepEqual(fate.waiting, []);
    assertExplained(fate);
    assert.equal(
      new Set(fate.stored.map((number) => number.split("/")[0])).size,
      1,
      "there is one epoch",
    );
    const left = Array.from(Deno.readDirSync(`${state}/outbox`), ({ name }) => name);
    assert.deepEqual(left, [], "no temporary file remains");
    await Deno.remove(state, { recursive: true });
  },
);

Deno.test("kill -9 at each moment on a full disk loses no face", needsMount("mosquitto"), async (test) => {
  await using disk = new SmallDisk(2_048);
  await using door = await Door.open(`${disk.path}/state`);
  await finishes(door);
  disk.fill();
  const onFullDisk = MOMENTS.filter(({ path }) => !/ledger|\\d\{12\}/.test(path.source));
  for (const { call, path, what } of onFullDisk.filter(({ call }) => call === "open")) {
    for (const when of ["before", "after"] as const) {
      await test.step(`${when} ${what}`, () => killedAt(door, killerScript(call, path, when, 4)));
    }
  }
  disk.empty();
  await finishes(door);
  assertExplained(await door.fate());
});
