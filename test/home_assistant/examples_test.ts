/** docs/examples for Python, with a real detector, broker and interpreter, and the code of the flow for Node-RED. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import mqtt from "mqtt";
import { FLOW, type FunctionNode } from "../../docs/examples/face_flow.ts";
import { identity, readFace, writeFace } from "../../lib/face/face_file.ts";
import { projectFile } from "../../lib/testing/files.ts";
import { METADATA } from "../../lib/testing/face_metadata.ts";
import { TempFolder } from "../../lib/testing/temp_folder.ts";
import { needs } from "../needs.ts";
import { findParts } from "../parts.ts";
import { Mosquitto } from "../servers/mosquitto.ts";
import { RunningProgram } from "../servers/run_program.ts";

const PYTHON = new URL("../../docs/examples/last_face.py", import.meta.url).pathname;
const BELOW = "haarlem/board1/detector-front";

Deno.test(
  "the Python example writes each face of a detector once, and nothing that only looks like one",
  needs("mosquitto", "peerPythonPath", "python"),
  async () => {
    await using broker = await Mosquitto.start();
    using folder = new TempFolder();
    const { python, peerPythonPath } = findParts();
    const out = `${folder.path}/faces`;
    await using example = new RunningProgram("last_face.py", [
      "--broker",
      broker.url,
      "--out",
      out,
      "--count",
      "1",
    ], {
      command: [python!, PYTHON],
      env: { PYTHONPATH: peerPythonPath! },
    });
    await example.printed(/connected/);
    await sendOthers(broker.url);
    await using detector = new RunningProgram("detector", [
      ...["--source", "sample", "--faces", "best", "--broker", broker.url, "--state", `${folder.path}/state`],
      ...["--camera", "front", "--device", "board1", "--discovery", "homeassistant"],
    ]);
    const { code, stdout, stderr } = await example.ended();
    assert.equal(code, 0, stderr);
    detector.signal("SIGTERM");
    assert.equal((await detector.ended()).code, 0, detector.stderr);

    const { file, id, camera, visit } = JSON.parse(stdout);
    assert.deepEqual(Array.from(Deno.readDirSync(out), ({ name }) => `${out}/${name}`), [file]);
    const face = readFace(await Deno.readFile(file));
    assert.deepEqual([identity(face.bytes), camera, visit.why], [id, "front", "first"]);
  },
);

/** A retained face, a face without facts, facts of another face with a hostile name, and no JSON. */
async function sendOthers(address: string): Promise<void> {
  const client = await mqtt.connectAsync(address);
  const { bytes } = writeFace({ width: 2, height: 2, rgb: new Uint8Array(12) }, METADATA);
  const facts = JSON.stringify({ id: "0".repeat(64), camera: "../../up", captured: "../.." });
  const send = (topic: string, payload: string | Uint8Array, retain = false) =>
    client.publishAsync(`${BELOW}/${topic}`, payload as never, { qos: 1, retain });
  await send("face", bytes);
  await send("face/attributes", facts);
  await send("face", bytes);
  for (const text of ["{", "[]", "null", "7"]) {
    await send("face/attributes", text);
    await send("face", bytes);
  }
  await client.endAsync();
}

Deno.test("face_flow.json is what face_flow.ts writes, and its nodes are joined", async () => {
  assert.deepEqual(
    JSON.parse(await projectFile("docs/examples/face_flow.json")),
    JSON.parse(JSON.stringify(FLOW)),
  );
  const nodes = new Map(FLOW.map((node) => [node.id, node]));
  assert.equal(nodes.size, FLOW.length);
  for (const node of FLOW) {
    if ("z" in node) assert.equal(nodes.get(node.z as string)?.type, "tab");
    if ("broker" in node && node.type === "mqtt in") {
      assert.equal(nodes.get(node.broker as string)?.type, "mqtt-broker");
    }
    const wires = "wires" in node ? node.wires as string[][] : [];
    for (const id of wires.flat()) assert.ok(nodes.has(id), id);
  }
});

/** Runs the function node as Node-RED does: its code is the body of a function. */
function functionNode() {
  const { func } = FLOW.find(({ type }) => type === "function") as { func: string };
  const run = new Function("msg", "context", "Buffer", func);
  const kept = new Map<string, unknown>();
  const context: FunctionNode["context"] = {
    get: (key) => kept.get(key),
    set: (key, value) => void kept.set(key, value),
  };
  return (topic: string, payload: unknown, retain = false): FunctionNode["msg"] | null =>
    run({ topic, payload, retain }, context, Buffer);
}

Deno.test("the flow passes on the first face of each visit, with its facts and a safe file name", () => {
  const node = functionNode();
  const picture = Buffer.from([1, 2, 3]);
  const facts = (why: string, camera = "front") => ({
    ...{ camera, captured: "2026-11-24T00:49:58.226Z" },
    visit: { why },
  });
  assert.equal(node(`${BELOW}/face`, picture), null, "without facts");
  assert.equal(node(`${BELOW}/face/attributes`, facts("first")), null);
  const sent = node(`${BELOW}/face`, picture)!;
  assert.deepEqual([sent.filename, sent.captured], [
    "2026-11-24T00-49-58-226Z_front.png",
    "2026-11-24T00:49:58.226Z",
  ]);
  assert.equal(sent.payload, picture);
  assert.equal(node(`${BELOW}/face`, picture), null, "facts serve once");
  node(`${BELOW}/face/attributes`, facts("best"));
  assert.equal(node(`${BELOW}/face`, picture), null, "a later picture of the visit");
  node("haarlem/board1/detector-back/face/attributes", facts("first"));
  assert.equal(node(`${BELOW}/face`, picture), null, "facts of another camera");
  node(`${BELOW}/face/attributes`, facts("first"));
  assert.equal(node(`${BELOW}/face`, picture, true), null, "retained");
  node(`${BELOW}/face/attributes`, facts("first", "../../etc"));
  assert.equal(node(`${BELOW}/face`, picture)!.filename, "2026-11-24T00-49-58-226Z_------etc.png");
  for (const wrong of ["text", 7, null]) {
    node(`${BELOW}/face/attributes`, wrong);
    assert.equal(node(`${BELOW}/face`, picture), null);
  }
});
