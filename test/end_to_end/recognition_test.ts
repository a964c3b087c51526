/** docs/examples: faces of a detector are aligned by their landmarks, and answered on the documented topic. */
import assert from "node:assert/strict";
import mqtt from "mqtt";
import {
  aligned,
  ALIGNED_SIDE,
  landmarksInPicture,
  originOf,
  similarityBetween,
  TEMPLATE,
} from "../../docs/examples/align_face.ts";
import { identity, readFace } from "../../lib/face/face_file.ts";
import { DEFAULT_TOPIC, recognitionTopic } from "../../lib/face/topics.ts";
import type { Point } from "../../lib/image/frame.ts";
import { encodePng } from "../../lib/image/png.ts";
import { LANDMARKS as LANDMARKS_OF_BOX, METADATA } from "../../lib/testing/face_metadata.ts";
import { filesIn } from "../../lib/testing/files.ts";
import { TempFolder } from "../../lib/testing/temp_folder.ts";
import { until } from "../../lib/testing/until.ts";
import { needs } from "../needs.ts";
import { Mosquitto } from "../servers/mosquitto.ts";
import { RunningProgram } from "../servers/run_program.ts";

const RECOGNISER = [
  ...[Deno.execPath(), "run", "--quiet", "--allow-net", "--allow-env", "--allow-read"],
  new URL("../../docs/examples/recogniser.ts", import.meta.url).pathname,
];

/** The answers at a broker by topic, and a client to publish with. */
async function listenTo(address: string) {
  const client = await mqtt.connectAsync(address);
  const answers: { topic: string; answer: Record<string, unknown> }[] = [];
  client.on("message", (topic, payload) => answers.push({ topic, answer: JSON.parse(payload.toString()) }));
  await client.subscribeAsync(recognitionTopic("+", "+", "+"), { qos: 1 });
  const publish = (bytes: Uint8Array, { retain = false } = {}) =>
    client.publishAsync(DEFAULT_TOPIC, bytes as never, { qos: 1, retain });
  return { answers, publish, [Symbol.asyncDispose]: () => client.endAsync(true) };
}

Deno.test(
  "a recogniser answers each face of a detector once, behind the forwarder",
  needs("mosquitto"),
  async () => {
    await using edge = await Mosquitto.start();
    await using cloud = await Mosquitto.start();
    using folder = new TempFolder();
    const store = `${folder.path}/faces`;
    await using forwarder = new RunningProgram("forwarder", ["--edge", edge.url, "--cloud", cloud.url]);
    await using saver = new RunningProgram("saver", ["--broker", cloud.url, "--store", store]);
    await using heard = await listenTo(cloud.url);
    const retained = encodePng({ width: 3, height: 3, rgb: new Uint8Array(27) });
    await heard.publish(retained, { retain: true });
    await using recogniser = new RunningProgram("recogniser", [cloud.url], { command: RECOGNISER });
    await Promise.all([
      forwarder.printed(/connected to the edge[^]*to the cloud|connected to the cloud[^]*to the edge/),
      saver.printed(/connected to the broker/),
      recogniser.printed(/connected to the broker/),
    ]);
    const flags = [
      "--state",
      `${folder.path}/state`,
      "--engine",
      "yunet",
      "--camera",
      "door",
      "--device",
      "board1",
    ];
    const args = ["--source", "sample", "--once", "--broker", edge.url, ...flags];
    await using detector = new RunningProgram("detector", args);
    assert.equal((await detector.ended()).code, 0, detector.stderr);

    const files = await Promise.all(
      (await Array.fromAsync(filesIn(store))).map((path) => Deno.readFile(path)),
    );
    const faces = files.filter((bytes) => identity(bytes) !== identity(retained));
    const other = encodePng({ width: 2, height: 2, rgb: new Uint8Array(12) });
    for (const bytes of [faces[0], new TextEncoder().encode("hello"), other]) await heard.publish(bytes);
    await until(
      () => heard.answers.length > faces.length,
      "all faces and the third-party picture are answered",
    );

    assert.ok(faces.length > 3 && faces.every((bytes) => readFace(bytes).metadata?.landmarks?.length === 5));
    const expected = faces.map((bytes) => ({
      topic: recognitionTopic("board1", "door", identity(bytes)),
      answer: {
        id: identity(bytes),
        recogniser: "stand-in",
        matches: [{ label: "nobody, this is a stand-in", similarity: 0 }],
      },
    }));
    const id = identity(other);
    const error = "the face has no landmarks";
    const answer = { id, recogniser: "stand-in", matches: [], error };
    const byTopic = (a: { topic: string }, b: { topic: string }) => a.topic < b.topic ? -1 : 1;
    assert.deepEqual(
      heard.answers.toSorted(byTopic),
      [...expected, { topic: recognitionTopic("unknown", "unknown", id), answer }].sort(byTopic),
    );
    recogniser.signal("SIGTERM");
    assert.equal((await recogniser.ended()).code, 0, recogniser.stderr);
  },
);

/** The landmarks of the template, turned by 25 degrees, 1.7 times as large, moved. */
const LANDMARKS: readonly Point[] = TEMPLATE.map(({ x, y }) => {
  const [cos, sin] = [1.7 * Math.cos(0.436), 1.7 * Math.sin(0.436)];
  return { x: 80 + cos * x - sin * y, y: 10 + sin * x + cos * y };
});

Deno.test("the landmarks of a face that was scaled down are at the same places of its picture", () => {
  const [first] = LANDMARKS_OF_BOX;
  const face = { ...METADATA, landmarks: LANDMARKS_OF_BOX, scale: 0.5 };
  assert.deepEqual(landmarksInPicture(face)![0], { x: (first.x - 4) * 0.5, y: (first.y - 12) * 0.5 });
  assert.equal(landmarksInPicture(METADATA), undefined);
});

Deno.test("a turned and scaled face is aligned so that its landmarks lie on the template", () => {
  const similarity = similarityBetween(LANDMARKS, TEMPLATE);
  TEMPLATE.forEach((point, index) => {
    const { x, y } = originOf(similarity, point);
    assert.ok(Math.hypot(x - LANDMARKS[index].x, y - LANDMARKS[index].y) < 1e-9);
  });
  const width = 260;
  const rgb = new Uint8Array(width * width * 3);
  for (const { x, y } of LANDMARKS) {
    // A dot that is large enough for the scale.
    for (let row = -2; row <= 2; row++) {
      const at = ((Math.round(y) + row) * width + Math.round(x) - 2) * 3;
      rgb.fill(255, at, at + 15);
    }
  }
  const face = aligned({ width, height: width, rgb }, LANDMARKS);
  assert.deepEqual([face.width, face.height], [ALIGNED_SIDE, ALIGNED_SIDE]);
  const brightness = ({ x, y }: Point) => face.rgb[(Math.round(y) * ALIGNED_SIDE + Math.round(x)) * 3];
  for (const point of TEMPLATE) assert.equal(brightness(point), 255);
  for (const { x, y } of TEMPLATE) assert.equal(brightness({ x: x + 6, y: y - 6 }), 0);
});
