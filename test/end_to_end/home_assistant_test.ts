/**
 * A detector in Home Assistant, whose part a client with the account of deploy/mosquitto/home_assistant.acl plays, at a real
 * Mosquitto with deploy/mosquitto/home_assistant.conf.
 */
import assert from "node:assert/strict";
import mqtt from "mqtt";
import { identity } from "../../lib/face/face_file.ts";
import { output } from "../../lib/testing/command.ts";
import { exists, projectFile } from "../../lib/testing/files.ts";
import { TempFolder } from "../../lib/testing/temp_folder.ts";
import { until } from "../../lib/testing/until.ts";
import { needs } from "../needs.ts";
import { findProgram } from "../parts.ts";
import { freePort } from "../servers/free_port.ts";
import { Mosquitto } from "../servers/mosquitto.ts";
import { RunningProgram } from "../servers/run_program.ts";

const BELOW = "haarlem/board1/detector-front";
const CONFIG = "homeassistant/device/haarlem_board1_detector-front/config";
/** What Home Assistant subscribes to: what the device message names, and the messages themselves. */
const SUBSCRIBED = [
  ...["status", "state", "face", "face/attributes", "occupancy", "camera", "settings/+"].map((topic) =>
    `${BELOW}/${topic}`
  ),
  "homeassistant/#",
];
const ACCOUNT = { username: "homeassistant", password: "its-password" };

/** The broker of the board, and the address of the listener for Home Assistant. */
async function startBroker(folder: string) {
  const [port, homePort] = [freePort(), freePort()];
  const configuration = (await projectFile("deploy/mosquitto/home_assistant.conf"))
    .replace("listener 1883", `listener ${port}`)
    .replace("listener 1884", `listener ${homePort} 127.0.0.1`)
    .replaceAll("/etc/mosquitto/haarlem", folder);
  await Deno.writeTextFile(
    `${folder}/home_assistant.acl`,
    await projectFile("deploy/mosquitto/home_assistant.acl"),
  );
  const passwords = `${folder}/home_assistant.passwd`;
  const { username, password } = ACCOUNT;
  const { code, stderr } = await output(findProgram("mosquitto_passwd")!, [
    ...["-c", "-b", passwords, username, password],
  ]);
  assert.equal(code, 0, stderr);
  for (const path of [folder, passwords, `${folder}/home_assistant.acl`]) await Deno.chmod(path, 0o755);
  const broker = await Mosquitto.start({ port, whole: configuration });
  return Object.assign(broker, { home: `mqtt://127.0.0.1:${homePort}` });
}

interface Heard {
  readonly topic: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly retain: boolean;
}

const text = ({ bytes }: Heard) => new TextDecoder().decode(bytes);

/** A client that keeps what it hears. */
async function listen(address: string, topics: readonly string[], account = {}) {
  const client = await mqtt.connectAsync(address, { ...account, reconnectPeriod: 0 });
  const heard: Heard[] = [];
  client.on("message", (topic, payload, { retain }) => {
    heard.push({ topic, bytes: new Uint8Array(payload), retain });
  });
  await client.subscribeAsync([...topics], { qos: 1 });
  const all = (topic: string) => heard.filter((message) => message.topic === `${BELOW}/${topic}`);
  const last = (topic: string) => all(topic).map(text).at(-1);
  return {
    heard,
    all,
    last,
    shows: (topic: string, text: string) => until(() => last(topic) === text, `${topic} shows ${text}`),
    set: (name: string, text: string) =>
      client.publishAsync(`${BELOW}/settings/${name}/set`, text, { qos: 1 }),
    client,
    [Symbol.asyncDispose]: () => client.endAsync(true),
  };
}

Deno.test(
  "Home Assistant sees faces, presence and settings, changes settings permanently, and forgets a removed camera",
  needs("mosquitto"),
  async () => {
    using folder = new TempFolder();
    await using broker = await startBroker(folder.path);
    const state = `${folder.path}/state`;
    const start = (discovery: string) =>
      new RunningProgram("detector", [
        ...["--source", "sample", "--faces", "best", "--broker", broker.url, "--state", state],
        ...["--camera", "front", "--device", "board1", "--discovery", discovery],
      ]);
    const stop = async (detector: RunningProgram) => {
      detector.signal("SIGTERM");
      assert.equal((await detector.ended()).code, 0, detector.stderr);
    };
    await using home = await listen(broker.home, SUBSCRIBED, ACCOUNT);
    await using everything = await listen(broker.url, ["#"]);
    {
      await using detector = start("homeassistant");
      const [face] = await until(() => home.all("face").length > 0 && home.all("face"), "a face is shown");
      assert.equal(face.retain, false);
      const [attributes] = home.all("face/attributes");
      assert.equal(JSON.parse(text(attributes)).id, identity(face.bytes));
      assert.ok(home.heard.indexOf(face) > home.heard.indexOf(attributes));
      // The sample repeats, and further visits may follow; a value may be sent again on a busy machine.
      const occupancies = () => home.all("occupancy").map(text).join(" ");
      await until(() => /^OFF( OFF)* ON( ON)* OFF/.test(occupancies()), "occupancy: nobody, a visit, nobody");
      await home.shows("camera", "ON");

      await home.set("min-size", "fifty");
      await detector.printed(/refused a change: cannot set min-size to "fifty": should be a whole number/);
      await home.set("min-size", "9000");
      await detector.printed(/too small for a face of 9000x9000 pixels: the min-size .* is forgotten/);
      await home.shows("settings/min-size", "0");
      await home.set("min-size", "50");
      await home.shows("settings/min-size", "50");
      await home.set("detecting", "off");
      await home.shows("settings/detecting", "off");
      await home.shows("camera", "OFF");
      // Without a change of the status a state follows every 30 s.
      const why = () => /camera: detecting is off/.test(home.last("state")!);
      await until(why, "the state has the reason");
      await stop(detector);
      await home.shows("status", "offline");
    }
    {
      await using detector = start("homeassistant");
      await detector.printed(/settings that were changed in Home Assistant are in force/);
      await home.shows("status", "online");
      await using later = await listen(broker.home, SUBSCRIBED, ACCOUNT);
      await later.shows("settings/detecting", "off");
      await later.shows("settings/min-size", "50");
      assert.ok(later.heard.every(({ topic }) => topic !== `${BELOW}/face`), "no picture is retained");
      assert.doesNotMatch(detector.stderr, /first frame/);
      await home.set("detecting", "on");
      await detector.printed(/first frame/);
      await stop(detector);
    }
    await refusesTheRest(broker.home, everything);
    {
      await using detector = start("off");
      await detector.printed(/removed the camera from Home Assistant/);
      await until(async () => !await exists(`${state}/home_assistant.json`), "the file is removed");
      await using later = await listen(broker.home, SUBSCRIBED, ACCOUNT);
      await later.shows("status", "online");
      const left = later.heard.map(({ topic }) => topic);
      assert.deepEqual(
        left.filter((topic) => topic === CONFIG || /settings|occupancy|camera$/.test(topic)),
        [],
      );
      await stop(detector);
    }
  },
);

/** Home Assistant reads no faces on their way and publishes neither faces nor receipts; nobody else is let in. */
async function refusesTheRest(address: string, board: Awaited<ReturnType<typeof listen>>): Promise<void> {
  await assert.rejects(mqtt.connectAsync(address, { reconnectPeriod: 0 }), /Not authorized|refused/i);
  await using home = await listen(address, ["#"], ACCOUNT);
  const mine = ["face_detection", "face_detection/receipt", `${BELOW}/face`, `${BELOW}/status`];
  for (const topic of mine) await home.client.publishAsync(topic, "from Home Assistant", { qos: 1 });
  await home.client.publishAsync("homeassistant/status", "last", { qos: 1 });
  const texts = ({ heard }: Pick<typeof home, "heard">) =>
    heard.map((message) => [message.topic, text(message)]);
  await until(() => texts(board).some(([, text]) => text === "last"), "the birth message arrives");
  assert.deepEqual(texts(board).filter(([, text]) => text === "from Home Assistant"), []);

  for (const topic of ["face_detection", "face_detection/receipt", "haarlem/board1/forwarder/name"]) {
    await board.client.publishAsync(topic, "from the board", { qos: 1 });
  }
  await board.client.publishAsync(`${BELOW}/occupancy`, "last", { qos: 1 });
  await home.shows("occupancy", "last");
  assert.deepEqual(texts(home).filter(([, text]) => text === "from the board"), []);
}
