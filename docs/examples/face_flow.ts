/**
 * Writes face_flow.json, the flow for Node-RED: `deno run docs/examples/face_flow.ts > docs/examples/face_flow.json`.
 * The code of its function node stands here as a function.
 */

/** What Node-RED gives a function node. */
export interface FunctionNode {
  msg: { topic: string; payload: unknown; retain?: boolean; [key: string]: unknown };
  context: { get(key: string): unknown; set(key: string, value: unknown): void };
}

/** The code of the node "First face of each visit". */
const CODE = `
// Facts and picture come as two messages; the facts come first.
const isFacts = msg.topic.endsWith("/attributes");
const camera = msg.topic.split("/").slice(0, 3).join("/");
if (msg.retain) return null; // Not new.
if (isFacts) {
  context.set(camera, msg.payload);
  return null;
}
const facts = context.get(camera);
context.set(camera, undefined);
if (!facts || typeof facts !== "object" || !Buffer.isBuffer(msg.payload)) return null;
// "still" and "best" are further pictures of the same visit.
if (facts.visit && facts.visit.why !== "first") return null;
const safe = (text) => String(text).replace(/[^\\w-]/g, "-").slice(0, 64);
msg.filename = safe(facts.captured) + "_" + safe(facts.camera) + ".png";
msg.captured = facts.captured;
msg.facts = facts;
return msg;
`.trim();

const TAB = "haarlem-flow";
const BROKER = "haarlem-broker";

/** The nodes of the flow. */
export const FLOW = [
  { id: TAB, type: "tab", label: "Haarlem faces", disabled: false, info: "See docs/HOME-ASSISTANT.md" },
  {
    id: BROKER,
    type: "mqtt-broker",
    name: "Haarlem",
    broker: "127.0.0.1",
    port: "1883",
    clientid: "",
    autoConnect: true,
    usetls: false,
    protocolVersion: "4",
    keepalive: "60",
    cleansession: true,
  },
  input("haarlem-facts", "Facts", { topic: "haarlem/+/+/face/attributes", datatype: "json", y: 80 }),
  input("haarlem-faces", "Faces", { topic: "haarlem/+/+/face", datatype: "buffer", y: 140 }),
  {
    id: "haarlem-first",
    type: "function",
    z: TAB,
    name: "First face of each visit",
    func: CODE,
    outputs: 1,
    timeout: 0,
    noerr: 0,
    initialize: "",
    finalize: "",
    libs: [],
    x: 350,
    y: 110,
    wires: [["haarlem-out"]],
  },
  {
    id: "haarlem-out",
    type: "debug",
    z: TAB,
    name: "Replace by a node that writes or sends",
    active: true,
    tosidebar: true,
    console: false,
    tostatus: true,
    complete: "filename",
    targetType: "msg",
    statusVal: "filename",
    statusType: "msg",
    x: 640,
    y: 110,
    wires: [],
  },
];

function input(
  id: string,
  name: string,
  { topic, datatype, y }: { topic: string; datatype: "json" | "buffer"; y: number },
) {
  return {
    ...{ id, type: "mqtt in", z: TAB, name, topic, qos: "1", datatype, broker: BROKER },
    ...{ nl: false, rap: true, rh: 0, inputs: 0, x: 110, y, wires: [["haarlem-first"]] },
  };
}

if (import.meta.main) console.log(JSON.stringify(FLOW, undefined, 2));
