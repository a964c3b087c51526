/** docs/examples/face_flow.json in the real Node-RED, with a real detector and broker. */
import assert from "node:assert/strict";
import mqtt from "mqtt";
import { FLOW } from "../../docs/examples/face_flow.ts";
import { identity, readFace, writeFace } from "../../lib/face/face_file.ts";
import { METADATA } from "../../lib/testing/face_metadata.ts";
import { TempFolder } from "../../lib/testing/temp_folder.ts";
import { until } from "../../lib/testing/until.ts";
import { needs } from "../needs.ts";
import { findParts } from "../parts.ts";
import { Mosquitto } from "../servers/mosquitto.ts";
import { RunningProgram } from "../servers/run_program.ts";

const RUNTIME = new URL("run_node_red.ts", import.meta.url).pathname;
const BELOW = "haarlem/board1/detector-front";
/** In the facts that are sent behind all others. */
const LAST = "last";

/** The flow as its user changes it: another broker, and a node that writes files in the place of the last one. */
function changedFlow(port: string): unknown[] {
  return FLOW.map((node) => {
    if (node.type === "mqtt-broker") return { ...node, port };
    if (node.type !== "debug") return node;
    const { id, z, x, y, wires } = node as Record<string, unknown>;
    const file = { filename: "filename", filenameType: "msg", overwriteFile: "true", encoding: "none" };
    return { id, z, x, y, wires, type: "file", ...file, appendNewline: false, createDir: false };
  });
}

/** A client that sends what the flow must not pass on, and collects the identities of the first faces of visits. */
async function watch(address: string) {
  const client = await mqtt.connectAsync(address);
  const first = new Set<string>();
  let isLast = false;
  client.on("message", (_, payload) => {
    const { id, visit } = JSON.parse(payload.toString()) ?? {};
    if (visit?.why === "first") first.add(id);
    isLast ||= id === LAST;
  });
  const send = (topic: string, payload: string | Uint8Array, retain = false) =>
    client.publishAsync(`${BELOW}/${topic}`, payload as never, { qos: 1, retain });
  /** Resolves when every message that was published before has come. */
  const all = async () => {
    await send("face/attributes", JSON.stringify({ id: LAST }));
    await until(() => isLast, "the last message comes");
  };
  return { client, first, send, all };
}

Deno.test(
  "Node-RED runs the flow: it writes the first face of each visit, and nothing else",
  needs("mosquitto", "nodeRed"),
  async () => {
    await using broker = await Mosquitto.start();
    using folder = new TempFolder();
    const { nodeRed } = findParts();
    const { client, first, send, all } = await watch(broker.url);
    const { bytes } = writeFace({ width: 2, height: 2, rgb: new Uint8Array(12) }, METADATA);
    const facts = JSON.stringify({ camera: "front", captured: "2020-01-01T00:00:00.000Z" });
    await send("face/attributes", facts, true);
    await send("face", bytes, true);

    await Deno.writeTextFile(
      `${folder.path}/flows.json`,
      JSON.stringify(changedFlow(new URL(broker.url).port)),
    );
    await using runtime = new RunningProgram("Node-RED", [nodeRed!, folder.path], {
      command: [Deno.execPath(), "run", "-A", "--no-config", "--node-modules-dir=manual", RUNTIME],
    });
    await runtime.printed(/Connected to broker/);
    for (const text of ["{", "7", "null"]) {
      await send("face/attributes", text);
      await send("face", bytes);
    }
    await send("face", bytes);
    await client.subscribeAsync(`${BELOW}/face/attributes`, { qos: 1, rh: 2 });
    first.clear();
    await using detector = new RunningProgram("detector", [
      ...["--source", "sample", "--once", "--faces", "best", "--broker", broker.url],
      ...["--receipts", "off", "--state", `${folder.path}/state`],
      ...["--camera", "front", "--device", "board1", "--discovery", "homeassistant"],
    ]);
    assert.equal((await detector.ended()).code, 0, detector.stderr);
    await all();

    const written = async () => {
      const names = Array.from(Deno.readDirSync(folder.path), ({ name }) => name);
      const faces = names.filter((name) => name.endsWith(".png"));
      return await Promise.all(faces.map((name) => Deno.readFile(`${folder.path}/${name}`)));
    };
    await until(async () => {
      const ids = (await written()).map(identity);
      return first.size > 0 && new Set(ids).isSupersetOf(first);
    }, "each first face is written whole");
    const faces = (await written()).map((face) => readFace(face));
    assert.equal(faces.length, first.size);
    for (const { metadata } of faces) assert.equal(metadata?.camera, "front");
    await client.endAsync();
  },
);
