/** The lines of `logger --json`, and the shell in docs/NOTIFICATIONS.md that sends a message for each visit. */
import assert from "node:assert/strict";
import mqtt from "mqtt";
import { readFace, writeFace } from "../../lib/face/face_file.ts";
import { DEFAULT_KEY, KeyTemplate } from "../../lib/face/object_key.ts";
import { encodePng } from "../../lib/image/png.ts";
import { METADATA } from "../../lib/testing/face_metadata.ts";
import { projectFile } from "../../lib/testing/files.ts";
import { TempFolder } from "../../lib/testing/temp_folder.ts";
import { until } from "../../lib/testing/until.ts";
import { needs } from "../needs.ts";
import { Mosquitto } from "../servers/mosquitto.ts";
import { programCommand, RunningProgram } from "../servers/run_program.ts";

const PICTURE = { width: 4, height: 3, rgb: new Uint8Array(36) };
const CAPTURED = "2026-11-24T00:49:58.226Z";

/** The face of a visit, for one of its reasons. */
function faceOf(number: number, why: "first" | "still" | "best") {
  const visit = { number, detections: 2, began: CAPTURED, last: CAPTURED, why };
  return writeFace(PICTURE, { ...METADATA, camera: "front", captured: CAPTURED, score: 0.731, visit });
}

/** A publisher of faces, closed with the test. */
async function publisher(address: string) {
  const client = await mqtt.connectAsync(address);
  const publish = (bytes: Uint8Array) => client.publishAsync("face_detection", bytes as never, { qos: 1 });
  return { publish, [Symbol.asyncDispose]: () => client.endAsync(true) };
}

Deno.test(
  "logger --json says which visit a face belongs to, why it was sent, its score and its key",
  needs("mosquitto"),
  async () => {
    await using broker = await Mosquitto.start();
    await using to = await publisher(broker.url);
    await using logger = new RunningProgram("logger", ["--json", "--broker", broker.url]);
    await using unnamed = new RunningProgram("logger", [
      ...["--json", "--broker", broker.url],
      ...["--key", "{YYYY}/{camera}.png", "--device", "other"],
    ]);
    await Promise.all([logger, unnamed].map((one) => one.printed(/connected to the broker/)));
    const face = faceOf(7, "first");
    await to.publish(face.bytes);
    await to.publish(encodePng(PICTURE));
    const lines = async (from: RunningProgram) =>
      await until(
        () =>
          from.stdout.split("\n").length > 2 &&
          from.stdout.trim().split("\n").map((line) => JSON.parse(line)),
        "two lines",
      );
    const [of, other] = await lines(logger);
    const { camera, device, captured, visit, why, score, key } = of;
    assert.deepEqual(
      { camera, device, captured, visit, why, score },
      { camera: "front", device: "board_7", captured: CAPTURED, visit: 7, why: "first", score: 0.731 },
    );
    assert.equal(key, new KeyTemplate(DEFAULT_KEY).keyOf(readFace(face.bytes), Date.now()));
    assert.deepEqual(["visit", "why", "score", "key", "captured"].filter((name) => name in other), []);
    assert.equal((await lines(unnamed))[0].key, undefined, "the saver may number such a key");
  },
);

Deno.test(
  "the shell in docs/NOTIFICATIONS.md sends one message for each visit",
  needs("mosquitto"),
  async () => {
    const page = await projectFile("docs/NOTIFICATIONS.md");
    const [, script] = /^## With the logger and a shell\n[^]*?^```sh\n([^]*?)^```$/m.exec(page)!;
    assert.equal(script.trim().split("\n").length, 5);
    await using broker = await Mosquitto.start();
    await using to = await publisher(broker.url);
    using folder = new TempFolder();
    const sent = folder.at("sent");
    const writeProgram = (name: string, script: string) =>
      folder.write(name, `#!/bin/sh\n${script}\n`, 0o755);
    // curl stands in for a service: it writes its arguments to a file.
    writeProgram("curl", `printf '%s\\n' "$*" >>"${sent}"`);
    const [program, ...args] = programCommand("logger").map((word) => `'${word}'`);
    writeProgram("haarlem", `shift; exec ${[program, ...args].join(" ")} "$@"`);
    await using shell = new RunningProgram("sh", ["-c", script], {
      command: ["sh"],
      env: {
        PATH: `${folder.path}:${Deno.env.get("PATH")}`,
        BROKER: broker.url,
        NTFY_TOPIC: "https://ntfy/t",
      },
    });
    await shell.printed(/connected to the broker/);
    for (const face of [faceOf(1, "first"), faceOf(1, "still"), faceOf(1, "best"), faceOf(2, "first")]) {
      await to.publish(face.bytes);
    }
    const messages = await until(async () => {
      const lines = (await Deno.readTextFile(sent).catch(() => "")).trim().split("\n");
      return lines.length >= 2 && lines;
    }, "two messages");
    const message = "--silent --max-time 10 --data Somebody is at front https://ntfy/t";
    assert.deepEqual(messages, [message, message]);
  },
);
