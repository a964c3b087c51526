/** The folder of rejected messages. */
import assert from "node:assert/strict";
import { FaultyDisk } from "../testing/outbox_state.ts";
import type { Log } from "../log.ts";
import { openRejectedMessages } from "./rejected_messages.ts";

/** A temporary state folder, and the lines of the log. */
class Place implements Disposable {
  readonly state = Deno.makeTempDirSync();
  readonly lines: string[] = [];
  readonly log: Log = {
    debug: (message) => this.lines.push(message),
    info: (message) => this.lines.push(message),
    warn: (message) => this.lines.push(message),
    error: (message) => this.lines.push(message),
  };

  names(): string[] {
    return Array.from(Deno.readDirSync(`${this.state}/refused`), ({ name }) => name).sort();
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.state, { recursive: true });
  }
}

const PAYLOAD = new Uint8Array(2 ** 20 + 5).fill(7);

Deno.test("a rejected message is kept with its reason, readable only by the user of the program", async () => {
  using place = new Place();
  const keep = openRejectedMessages({ state: place.state }, place.log);
  await keep("a".repeat(64), PAYLOAD, "no picture");
  const [bin, txt] = place.names();
  assert.equal(Deno.statSync(`${place.state}/refused/${bin}`).size, 2 ** 20);
  assert.match(
    Deno.readTextFileSync(`${place.state}/refused/${txt}`),
    /^no picture\n1048581 bytes\na{64}\n$/,
  );
  const modes = ["", bin, txt].map((name) => Deno.statSync(`${place.state}/refused/${name}`).mode! & 0o777);
  assert.deepEqual(modes, [0o700, 0o600, 0o600]);
  assert.deepEqual(place.lines, []);
});

Deno.test("the last hundred rejected messages are kept, also when they arrive at the same time", async () => {
  using place = new Place();
  const keep = openRejectedMessages({ state: place.state }, place.log);
  const ids = Array.from({ length: 120 }, (_, index) => String(index).padStart(64, "0"));
  await Promise.all(ids.map((id) => keep(id, new Uint8Array(10), "no picture")));
  assert.ok(place.names().length <= 200);
});

Deno.test("a disk that cannot be written is logged for each cause, every ten minutes, and when it works again", async () => {
  using place = new Place();
  const disk = new FaultyDisk();
  let nowMs = 0;
  const keep = openRejectedMessages({ state: place.state }, place.log, {
    disk,
    times: { nowMs: () => nowMs },
  });
  for (const fault of ["ENOSPC", "ENOSPC", "EROFS", "EROFS", "10 minutes", "EROFS", undefined, undefined]) {
    if (fault === "10 minutes") nowMs += 600_000;
    else disk.fault = fault;
    await keep("b".repeat(64), PAYLOAD, "no picture");
  }
  assert.deepEqual(place.lines, [
    "cannot keep rejected messages: ENOSPC (os error 1)",
    "cannot keep rejected messages: EROFS (os error 1)",
    "cannot keep rejected messages: EROFS (os error 1)",
    "rejected messages are kept again",
  ]);
  assert.equal(place.names().filter((name) => name.endsWith(".tmp")).length, 0);
});

Deno.test("a file in the place of the folder does not stop the program; temporary files are removed", async () => {
  using place = new Place();
  Deno.writeTextFileSync(`${place.state}/refused`, "");
  await openRejectedMessages({ state: place.state }, place.log)("c".repeat(64), PAYLOAD, "no picture");
  assert.equal(place.lines.length, 1);
  Deno.removeSync(`${place.state}/refused`);
  Deno.mkdirSync(`${place.state}/refused`);
  Deno.writeTextFileSync(`${place.state}/refused/x.bin.tmp`, "");
  await openRejectedMessages({ state: place.state }, place.log)("c".repeat(64), PAYLOAD, "no picture");
  assert.deepEqual(place.names().map((name) => name.slice(-4)), [".bin", ".txt"]);
});
