/** The shipped broker configurations, with the real Mosquitto. */
import assert from "node:assert/strict";
import type { Bus } from "../../lib/bus/bus.ts";
import { openMqttBus } from "../../lib/bus/mqtt_bus.ts";
import { until } from "../../lib/testing/until.ts";
import { needs } from "../needs.ts";
import { Mosquitto } from "../servers/mosquitto.ts";
import { RunningProgram, runProgram } from "../servers/run_program.ts";

const FOLDER = new URL("../../deploy/mosquitto/", import.meta.url);
const read = (name: string) => Deno.readTextFile(new URL(name, FOLDER));

Deno.test("Mosquitto's bridge can replace the forwarder", needs("mosquitto"), async () => {
  await using cloud = await Mosquitto.start();
  const bridge = (await read("bridge.conf"))
    .replace(/^address .*/m, `address 127.0.0.1:${cloud.port}`)
    .replace(/^(remote_|bridge_cafile).*\n/gm, "");
  await using edge = await Mosquitto.start({ more: bridge });
  const store = await Deno.makeTempDir();
  const state = await Deno.makeTempDir();
  await using saver = new RunningProgram("saver", ["--broker", cloud.url, "--store", store]);
  await saver.printed(/connected/);
  const args = ["--source", "sample", "--once", "--state", state, "--broker", edge.url, "--retry", "1"];
  const { code, stderr } = await runProgram("detector", args);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /faces=17 waiting=0/);
  for (const folder of [store, state]) await Deno.remove(folder, { recursive: true });
});

Deno.test(
  "a board can publish faces but no receipts, the saver receipts but no faces",
  needs("mosquitto"),
  async () => {
    const folder = await Deno.makeTempDir();
    await Deno.chmod(folder, 0o755);
    await Deno.writeTextFile(`${folder}/acl`, await read("cloud.acl"), { mode: 0o644 });
    const passwords = ["saver", "board1"].map((user) =>
      new Deno.Command("mosquitto_passwd", {
        args: ["-b", ...(user === "saver" ? ["-c"] : []), `${folder}/passwd`, user, "x"],
      }).outputSync()
    );
    assert.ok(passwords.every(({ success }) => success));
    await Deno.chmod(`${folder}/passwd`, 0o644);
    await using cloud = await Mosquitto.start({
      anonymous: false,
      more: `password_file ${folder}/passwd\nacl_file ${folder}/acl`,
    });
    await using edge = await Mosquitto.start();
    const as = (user: string) => cloud.url.replace("//", `//${user}:x@`);
    await using saver = new RunningProgram("saver", ["--store", `${folder}/faces`], {
      env: { HAARLEM_BROKER: as("saver") },
    });
    await using forwarder = new RunningProgram("forwarder", ["--edge", edge.url], {
      env: { HAARLEM_CLOUD: as("board1") },
    });
    await Promise.all([saver.printed(/connected/), forwarder.printed(/connected to the cloud/)]);
    const args = [
      "--source",
      "sample",
      "--once",
      "--state",
      `${folder}/state`,
      "--broker",
      edge.url,
      "--retry",
      "1",
    ];
    const { stderr } = await runProgram("detector", args);
    assert.match(stderr, /faces=17 waiting=0/);

    // The broker drops a receipt that a board has forged, and delivers the saver's.
    const open = (user: string) =>
      openMqttBus({ url: new URL(as(user)), clientId: user, statusTopic: "haarlem/x/y/status" });
    const [board, storer] = [open("board1"), open("saver")];
    const signal = AbortSignal.timeout(60_000);
    await Promise.all([board.ready({ signal }), storer.ready({ signal })]);
    const heard: string[] = [];
    const listening = (async () => {
      for await (const { payload } of board.messages("face_detection/receipt", { qos: 1, signal })) {
        heard.push(new TextDecoder().decode(payload));
        if (heard.at(-1) === "true") break;
      }
    })();
    const publish = (bus: Bus, text: string) =>
      bus.publish("face_detection/receipt", new TextEncoder().encode(text), { qos: 1 });
    await until(async () => {
      await publish(storer, "early");
      return heard.length > 0;
    }, "the board has subscribed");
    await publish(board, "forged");
    await publish(storer, "true");
    await listening;
    assert.deepEqual(heard.filter((text) => text !== "early"), ["true"]);
    await Promise.all([board.close(), storer.close()]);
    await Deno.remove(folder, { recursive: true });
  },
);
