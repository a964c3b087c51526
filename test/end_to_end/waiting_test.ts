/** Programs wait for a broker, receipts or disk space, and reject messages that can never be stored. */
import assert from "node:assert/strict";
import { openMqttBus } from "../../lib/bus/mqtt_bus.ts";
import { identity } from "../../lib/face/face_file.ts";
import { parseReceipts } from "../../lib/face/receipt.ts";
import { encodePng } from "../../lib/image/png.ts";
import { connected } from "../../lib/testing/test_bus.ts";
import { stays, until } from "../../lib/testing/until.ts";
import { needs } from "../needs.ts";
import { Mosquitto } from "../servers/mosquitto.ts";
import { RunningProgram } from "../servers/run_program.ts";
import { needsMount, SmallDisk } from "../servers/small_disk.ts";
import { ends, InputFolder } from "./input_folder.ts";
import { Pipeline } from "./pipeline.ts";

Deno.test("waiting faces are sent although the camera is gone", needs("mosquitto"), async () => {
  await using broker = await Mosquitto.start({ started: false });
  using folder = new InputFolder();
  const way = ["--broker", broker.url, "--state", `${folder.path}/state`, "--retry", "1"];
  {
    await using detector = new RunningProgram("detector", ["--source", "sample", ...way]);
    await until(() => outboxOf(folder).length >= 3, "three faces wait", { folder: folder.path });
    await detector.kill();
  }
  await broker.start();
  await using saver = new RunningProgram("saver", [
    "--broker",
    broker.url,
    "--store",
    `${folder.path}/store`,
  ]);
  await saver.printed(/connected/);
  await ends("detector", ["--source", "/dev/video99", ...way], { code: 1, says: /no camera/ });
  assert.deepEqual(outboxOf(folder), []);
});

function outboxOf(folder: InputFolder): string[] {
  try {
    return Array.from(Deno.readDirSync(`${folder.path}/state/outbox`), ({ name }) => name);
  } catch {
    return [];
  }
}

Deno.test("without receipts a detector waits for its broker too", needs("mosquitto"), async () => {
  await using broker = await Mosquitto.start({ started: false });
  const args = ["--source", "sample", "--once", "--receipts", "off", "--broker", broker.url];
  await using detector = new RunningProgram("detector", args);
  await detector.printed(/no connection to the broker/);
  await broker.start();
  const { code, stderr } = await detector.ended();
  assert.equal(code, 0);
  assert.match(stderr, /sent=17 lost=0/);
});

Deno.test(
  "a detector reports once that no receipt comes, and a logger prints each resent face once",
  {
    ...needs("mosquitto"),
  },
  async () => {
    await using broker = await Mosquitto.start();
    using folder = new InputFolder();
    await using logger = new RunningProgram("logger", ["--broker", broker.url, "--json"]);
    await logger.printed(/connected/);
    const way = ["--broker", broker.url, "--state", folder.path, "--retry", "0.5"];
    await using detector = new RunningProgram("detector", ["--source", "sample", "--once", ...way]);
    await detector.printed(/no receipt comes/);
    const whole = () => logger.stdout.split("\n").slice(0, -1);
    const lines = await until(() => whole().length > 10 && whole(), "the logger prints faces");
    assert.equal(detector.stderr.match(/no receipt comes/g)?.length, 1);
    const ids = lines.map((line) => JSON.parse(line).id);
    assert.equal(new Set(ids).size, ids.length);
  },
);

Deno.test("a message that can never be stored is rejected with a reason, counted and kept aside", {
  ...needs("mosquitto", "versitygw"),
}, async () => {
  await using pipeline = await Pipeline.start();
  using folder = new InputFolder();
  await pipeline.startSaverInstead(["--state", folder.path]);
  const bus = openMqttBus({ url: new URL(pipeline.cloud.url), clientId: "third-party", statusTopic: "x" });
  const done = new AbortController();
  await connected(bus);
  const receipts = new Map<string, string | undefined>();
  const listening = (async () => {
    for await (const { payload } of bus.messages("face_detection/receipt", { qos: 1, signal: done.signal })) {
      for (const { id, refused } of parseReceipts(payload)) receipts.set(id, refused);
    }
  })();
  const early = identity(new TextEncoder().encode("early"));
  await until(async () => {
    await bus.publish("face_detection/receipt", new TextEncoder().encode(early), { qos: 1 });
    return receipts.has(early);
  }, "the receipts are subscribed");
  const good = encodePng({ width: 30, height: 30, rgb: new Uint8Array(2_700).fill(5) });
  const bad = [
    new TextEncoder().encode("hello"),
    good.subarray(0, 50).slice(),
    new Uint8Array(50 * 2 ** 20).fill(1),
  ];
  for (const payload of [...bad, good]) await bus.publish("face_detection", payload, { qos: 1 });
  const ids = [...bad, good].map((payload) => identity(payload));
  await until(() => ids.every((id) => receipts.has(id)), "every message has its receipt");
  done.abort();
  await listening;
  await bus.close();

  const reasons = bad.map((payload) => receipts.get(identity(payload)));
  assert.deepEqual(reasons, [
    "neither a PNG nor a JPEG",
    "truncated PNG",
    "larger than --max-message",
  ]);
  assert.equal(receipts.get(identity(good)), undefined);
  assert.equal((await pipeline.faces()).size, 1);
  const kept = Array.from(Deno.readDirSync(`${folder.path}/refused`));
  assert.equal(kept.filter(({ name }) => name.endsWith(".txt")).length, 3);
  pipeline.saver.signal("SIGTERM");
  assert.match((await pipeline.saver.ended()).stderr, /done stored=1 refused=3 dropped=0/);
});

Deno.test("a saver whose disk is full waits, reports it once and leaves no partial file", {
  ...needsMount("mosquitto"),
}, async () => {
  await using disk = new SmallDisk(100);
  await using broker = await Mosquitto.start();
  await using saver = new RunningProgram("saver", ["--store", disk.path, "--broker", broker.url]);
  await saver.printed(/connected/);
  using state = new InputFolder();
  const args = [
    "--source",
    "sample",
    "--once",
    "--state",
    state.path,
    "--broker",
    broker.url,
    "--retry",
    "1",
  ];
  await using detector = new RunningProgram("detector", args);
  await saver.printed(/cannot store:.*; retrying/);
  // A smaller face may still fit in between; then the disk is full again.
  const times = (what: RegExp) => saver.stderr.match(what)?.length ?? 0;
  const open = () => times(/cannot store/g) - times(/the store is back/g);
  await stays(() => open() === 0 || open() === 1, "a full disk is reported once", 1_500);
  await until(() => open() === 1, "the full disk is reported again");
  disk.grow(10_240);
  assert.equal((await detector.ended()).code, 0);
  await saver.printed(/the store is back/);
  const found: string[] = [];
  for (const { name } of Deno.readDirSync(disk.path)) {
    found.push(...Array.from(Deno.readDirSync(`${disk.path}/${name}`), (entry) => entry.name));
  }
  assert.equal(found.filter((name) => name.endsWith(".png")).length, 17);
  assert.equal(found.length, 17, "no temporary files");
});
