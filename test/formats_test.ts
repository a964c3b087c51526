/** docs/FORMATS.md: its examples, and what the programs really write, are valid by docs/formats.schema.json. */
import assert from "node:assert/strict";
import { join, relative } from "node:path";
import { type Schema, Validator } from "@cfworker/json-schema";
import mqtt from "mqtt";
import schema from "../docs/formats.schema.json" with { type: "json" };
import { startEmbeddedBroker } from "../lib/demo/embedded_broker.ts";
import { encodePng } from "../lib/image/png.ts";
import { identity, readFace, writeFace } from "../lib/face/face_file.ts";
import { formatReceipts } from "../lib/face/receipt.ts";
import { DEFAULT_KEY, KeyTemplate } from "../lib/face/object_key.ts";
import { loopTopic, recognitionTopic } from "../lib/face/topics.ts";
import { readFaceInfo } from "../lib/gallery/face_info.ts";
import { formatLine, parseLine } from "../lib/gallery/index_line.ts";
import { Composer } from "../lib/notify/composer.ts";
import { FaceAges } from "../lib/notify/face_ages.ts";
import { LocalTime } from "../lib/notify/local_time.ts";
import { machineText } from "../lib/notify/machine_text.ts";
import { noticedFace } from "../lib/notify/noticed_face.ts";
import { Summary } from "../lib/notify/summary.ts";
import { METADATA } from "../lib/testing/face_metadata.ts";
import { Outbox } from "../lib/outbox/outbox.ts";
import { objectInfo } from "../lib/store/store.ts";
import { filesIn, projectFile } from "../lib/testing/files.ts";
import { inFullSuite } from "../lib/testing/skip.ts";
import { TempFolder } from "../lib/testing/temp_folder.ts";
import { until } from "../lib/testing/until.ts";
import { reportJson } from "../lib/wiring/doctor/report.ts";
import { RunningProgram } from "./servers/run_program.ts";

type Name = keyof typeof schema.$defs;
const NAMES = Object.keys(schema.$defs) as Name[];
/** Definitions that are only parts of others. */
const PARTS = ["name", "time", "sha256", "synchronised", "count", "box", "sequenceFile"];

const validators = new Map(NAMES.map((name) => {
  const definition = { ...closed(schema) as Schema, $ref: `#/$defs/${name}` };
  return [name, new Validator(definition, "2020-12", false)];
}));

/** The same schema in which no object has unknown fields: writers write no others. */
function closed(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, key === "oneOf" ? inner : closed(inner)]);
  const isClosable = "properties" in value && "type" in value;
  return { ...Object.fromEntries(entries), ...(isClosable && { unevaluatedProperties: false }) };
}

function isValid(name: Name, value: unknown): void {
  const { valid, errors } = validators.get(name)!.validate(value);
  const why = errors.map(({ instanceLocation, error }) => `${instanceLocation}: ${error}`).join("\n");
  assert.ok(valid, `${name} ${JSON.stringify(value)}\n${why}`);
}

const linesOf = (text: string) => text.split("\n").filter(Boolean);
const jsonLines = (text: string) => linesOf(text).map((line) => JSON.parse(line));

/** The examples of the page: what stands in a block whose language is followed by the name of a definition. */
async function examples(): Promise<[Name, unknown][]> {
  const blocks = (await projectFile("docs/FORMATS.md")).matchAll(
    /^```(json|jsonl|text) (\w+)\n([^]*?)^```$/gm,
  );
  return Array.from(blocks, ([, language, name, text]): [Name, unknown][] => {
    const values = {
      json: () => [JSON.parse(text)],
      jsonl: () => jsonLines(text),
      text: () => linesOf(text),
    };
    return values[language as keyof typeof values]().map((value) => [name as Name, value]);
  }).flat();
}

Deno.test("the report of doctor is as described", () => {
  const hint = "start the broker";
  isValid("doctor", JSON.parse(reportJson([{ name: "broker", state: "wrong", text: "away", hint }])));
});

Deno.test("every example of docs/FORMATS.md is valid, and every format has one", async () => {
  const found = await examples();
  for (const [name, value] of found) {
    assert.ok(validators.has(name), name);
    isValid(name, value);
  }
  const shown = new Set<string>([...found.map(([name]) => name), ...PARTS]);
  assert.deepEqual(NAMES.filter((name) => !shown.has(name)), []);
});

Deno.test("a wrong field, a missing field and an unknown field of the metadata are found", async () => {
  const [, example] = (await examples()).find(([name]) => name === "metadata")!;
  const wrong = [{ captured: "yesterday" }, { epoch: undefined }, { colour: "red" }, { sequence: 0 }];
  for (const change of wrong) {
    const value = JSON.parse(JSON.stringify({ ...example as object, ...change }));
    assert.throws(() => isValid("metadata", value), assert.AssertionError, JSON.stringify(change));
  }
});

Deno.test("readers of 0.1.0 accept the faces of every engine: no field became required", () => {
  const required = ["camera", "device", "captured", "epoch", "sequence", "box", "crop", "frame"];
  assert.deepEqual(schema.$defs.metadata.required, required);
});

Deno.test("the examples' metadata are read back whole from a face file", async () => {
  for (const [name, example] of await examples()) if (name === "metadata") readBack(example);
});

function readBack(example: unknown) {
  const face = readFace(writeFace(PICTURE, example as Parameters<typeof writeFace>[1]).bytes);
  assert.deepEqual(face.metadata, example);
  isValid("objectMetadata", objectInfo(face).metadata);
  const template = new KeyTemplate(DEFAULT_KEY);
  isValid("objectKey", template.keyOf(face, Date.now()));
  isValid(
    "objectKey",
    template.keyOf({ ...face, metadata: { ...face.metadata!, captured: UNSET } }, Date.now()),
  );
  const other = readFace(encodePng(PICTURE));
  isValid("objectKey", template.keyOf(other, Date.now()));
  isValid("objectMetadata", objectInfo(other).metadata);
}

Deno.test("the gallery writes lines of its index as described, and reads them back", async () => {
  const [, example] = (await examples()).find(([name]) => name === "metadata")!;
  const face = writeFace(PICTURE, example as Parameters<typeof writeFace>[1]);
  for (const bytes of [face.bytes, encodePng(PICTURE), Uint8Array.of(0xff, 0xd8, 0xff, 0xe0)]) {
    const listed = { key: "2026-11-24/a.png", bytes: bytes.length, writtenMs: 1795481399000 };
    const read = await readFaceInfo({ part: async () => bytes }, listed, new AbortController());
    const line = formatLine({ ...listed, info: read!.info });
    isValid("indexLine", JSON.parse(line));
    assert.deepEqual(parseLine(line.trimEnd()), { ...listed, info: read!.info });
  }
});

const PICTURE = { width: 4, height: 3, rgb: new Uint8Array(36) };
const UNSET = "1970-01-01T00:00:07.000Z";

Deno.test("notifications of visits, updates and summaries are as they are described", () => {
  const bytes = writeFace(PICTURE, METADATA).bytes;
  const clocks = { wallMs: () => Date.now(), monotonicMs: () => 0 };
  const template = new KeyTemplate(DEFAULT_KEY);
  const composer = new Composer(
    { title: "{camera}", text: "{time}", link: "https://g/{key}" },
    new LocalTime("UTC"),
  );
  const summary = new Summary();
  for (const picture of [bytes, new Uint8Array(encodePng(PICTURE))]) {
    const face = noticedFace(readFace(picture), { ages: new FaceAges(clocks), clocks, template });
    summary.addFace(face);
    for (const event of ["visit", "update"] as const) {
      isValid("notification", JSON.parse(machineText(composer.ofFace(face, { event }))));
    }
  }
  isValid("notification", JSON.parse(machineText(composer.ofSummary(summary.facts))));
});

Deno.test("receipts and topics are as they are described", () => {
  const id = identity(new Uint8Array(1));
  const receipts = [{ id }, { id, refused: "too\nlarge" }, { id, refused: "x".repeat(1_000) }];
  const text = new TextDecoder().decode(formatReceipts(receipts));
  assert.equal(linesOf(text).length, receipts.length);
  linesOf(text).forEach((line) => isValid("receiptLine", line));
  isValid("topic", recognitionTopic("board1", "front", id));
  isValid("topic", `${loopTopic("board1")}/${crypto.randomUUID()}`);
});

Deno.test("the state folder holds what is described: names, numbers and every kind of ledger line", async () => {
  using folder = new TempFolder();
  const state = folder.path;
  const open = (maxFaces: number) => Outbox.open(state, { maxFaces, maxBytes: 1_000_000 });
  const bytes = (face: number) => Uint8Array.of(face);
  {
    await using outbox = await open(3);
    for (const face of [1, 2, 3, 4]) {
      const provisional = face === 4;
      await outbox.add(identity(bytes(face)), outbox.nextSequence(), bytes(face), { provisional });
    }
    await outbox.remove(identity(bytes(1))); // Its receipt comes after it was evicted.
    const names = Array.from(Deno.readDirSync(`${state}/outbox`), ({ name }) => name);
    assert.equal(names.length, 3);
    names.forEach((name) => isValid("outboxFile", name));
    assert.ok(names.some((name) => name.endsWith(".unsettled")));
  }
  isValid("epochFile", await Deno.readTextFile(`${state}/epoch`));
  isValid("sequenceFile", await Deno.readTextFile(`${state}/sequence`));
  await Deno.writeTextFile(`${state}/sequence`, "damaged");
  {
    await using outbox = await open(3);
    await outbox.reject(identity(bytes(9)), outbox.nextSequence(), "larger than the outbox");
    const names = Array.from(Deno.readDirSync(`${state}/outbox`), ({ name }) => name);
    names.forEach((name) => isValid("outboxFile", name));
  }
  const ledger = jsonLines(await Deno.readTextFile(`${state}/ledger.jsonl`));
  ledger.forEach((line) => isValid("ledgerLine", line));
  const kinds = ["reason", "stored", "damaged", "began"].filter((field) =>
    ledger.some((line) => field in line)
  );
  assert.deepEqual(kinds, ["reason", "stored", "damaged", "began"]);
});

Deno.test(
  "the programs write faces, receipts, keys, topics, health and lines as described",
  inFullSuite(),
  async () => {
    await using broker = await startEmbeddedBroker();
    using folder = new TempFolder();
    const store = join(folder.path, "faces");
    const messages: { topic: string; payload: Uint8Array }[] = [];
    const client = await mqtt.connectAsync(broker.url);
    client.on("message", (topic, payload) => messages.push({ topic, payload }));
    await client.subscribeAsync("#", { qos: 1 });
    try {
      const at = ["--broker", broker.url];
      await using saver = new RunningProgram("saver", [...at, "--store", store, "--health", "127.0.0.1:0"]);
      await using logger = new RunningProgram("logger", [...at, "--json"]);
      const [, health] = await saver.printed(/health at (\S+)healthz/);
      await saver.printed(/connected to the broker/);
      await logger.printed(/connected to the broker/);
      await client.publishAsync("face_detection", "hello");
      await client.publishAsync("face_detection", Uint8Array.from(encodePng(PICTURE)) as never);
      for (const engine of ["haar", "yunet"]) {
        const flags = ["--source", "sample", "--once", "--engine", engine];
        const state = ["--state", join(folder.path, `state-${engine}`)];
        await using detector = new RunningProgram("detector", [...at, ...flags, ...state]);
        assert.equal((await detector.ended()).code, 0, detector.stderr);
      }
      const receipts = () => messages.filter(({ topic }) => topic.endsWith("/receipt"));
      await until(() => receipts().length >= 3, "three receipts");

      const texts = receipts().flatMap(({ payload }) => linesOf(new TextDecoder().decode(payload)));
      texts.forEach((line) => isValid("receiptLine", line));
      assert.ok(texts.some((line) => line.includes(" refused ")));
      messages.forEach(({ topic }) => isValid("topic", topic));
      assert.ok(messages.some(({ topic }) => topic.endsWith("/detector-camera/state")));
      for (const { topic, payload } of messages) {
        const text = new TextDecoder().decode(payload);
        if (topic.endsWith("/status")) isValid("status", text);
        if (topic.endsWith("/name")) isValid("nameMessage", text);
        if (topic.endsWith("/state")) isValid("detectorState", JSON.parse(text));
      }
      let faces = 0;
      const searches = new Set<string | undefined>();
      for await (const path of filesIn(store)) {
        isValid("objectKey", relative(store, path));
        const { metadata } = readFace(await Deno.readFile(path));
        if (metadata) isValid("metadata", metadata);
        searches.add(metadata?.cascade ?? metadata?.model);
        faces++;
      }
      assert.ok(faces >= 2);
      const [cascade, model] = ["haarcascade_frontalface_default.xml", "face_detection_yunet_2023mar"];
      assert.deepEqual(searches, new Set([undefined, cascade, model]), "a third-party picture, Haar, YuNet");
      for (const path of ["healthz", "readyz"]) {
        isValid("health", await (await fetch(`${health}${path}`)).json());
      }
      await until(() => linesOf(logger.stdout).length > faces, "a line for each face and for the text");
      jsonLines(logger.stdout).forEach((line) => isValid("loggerLine", line));
    } finally {
      await client.endAsync(true);
    }
  },
);
