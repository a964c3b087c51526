import assert from "node:assert/strict";
import { FaultyDisk } from "../testing/outbox_state.ts";
import type { Log } from "../log.ts";
import { openSetAside } from "./rejected_messages.ts";

/** A state folder that is gone after the test, and what is said about it. */
class Place implements Disposable {
  readonly state = Deno.makeTempDirSync();
  readonly said: string[] = [];
  readonly log: Log = {
    debug: (message) => this.said.push(message),
    info: (message) => this.said.push(message),
    warn: (message) => this.said.push(message),
    error: (message) => this.said.push(message),
  };

  names(): string[] {
    return Array.from(Deno.readDirSync(`${this.state}/refused`), ({ name }) => name).sort();
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.state, { recursive: true });
  }
}

const PAYLOAD = new Uint8Array(2 ** 20 + 5).fill(7);

Deno.test("a refused message is kept with its reason, for the program's own user alone", async () => {
  using place = new Place();
  const setAside = openSetAside({ state: place.state }, place.log);
  await setAside("a".repeat(64), PAYLOAD, "no picture");
  const [bin, txt] = place.names();
  assert.equal(Deno.statSync(`${place.state}/refused/${bin}`).size, 2 ** 20);
  assert.match(
    Deno.readTextFileSync(`${place.state}/refused/${txt}`),
    /^no picture\n1048581 bytes\na{64}\n$/,
  );
  const modes = ["", bin, txt].map((name) => Deno.statSync(`${place.state}/refused/${name}`).mode! & 0o777);
  assert.deepEqual(modes, [0o700, 0o600, 0o600]);
  assert.deepEqual(place.said, []);
});

Deno.test("the last hundred refused messages are kept, also of those that come at the same time", async () => {
  using place = new Place();
  const setAside = openSetAside({ state: place.state }, place.log);
  const ids = Array.from({ length: 120 }, (_, index) => String(index).padStart(64, "0"));
  await Promise.all(ids.map((id) => setAside(id, new Uint8Array(10), "no picture")));
  assert.ok(place.names().length <= 200);
});

Deno.test("a disk that takes no refused message is reported for each cause, every ten minutes, and when it recovers", async () => {
  using place = new Place();
  const disk = new FaultyDisk();
  let nowMs = 0;
  const setAside = openSetAside({ state: place.state }, place.log, { disk, times: { nowMs: () => nowMs } });
  for (const fault of ["ENOSPC", "ENOSPC", "EROFS", "EROFS", "10 minutes", "EROFS", undefined, undefined]) {
    if (fault === "10 minutes") nowMs += 600_000;
    else disk.fault = fault;
    await setAside("b".repeat(64), PAYLOAD, "no picture");
  }
  assert.deepEqual(place.said, [
    "refused messages cannot be kept: ENOSPC (os error 1)",
    "refused messages cannot be kept: EROFS (os error 1)",
    "refused messages cannot be kept: EROFS (os error 1)",
    "refused messages are kept again",
  ]);
  assert.equal(place.names().filter((name) => name.endsWith(".tmp")).length, 0);
});

Deno.test("a file in the place of the folder for refused messages stops nothing; temporary files are removed", async () => {
  using place = new Place();
  Deno.writeTextFileSync(`${place.state}/refused`, "");
  await openSetAside({ state: place.state }, place.log)("c".repeat(64), PAYLOAD, "no picture");
  assert.equal(place.said.length, 1);
  Deno.removeSync(`${place.state}/refused`);
  Deno.mkdirSync(`${place.state}/refused`);
  Deno.writeTextFileSync(`${place.state}/refused/x.bin.tmp`, "");
  await openSetAside({ state: place.state }, place.log)("c".repeat(64), PAYLOAD, "no picture");
  assert.deepEqual(place.names().map((name) => name.slice(-4)), [".bin", ".txt"]);
});
