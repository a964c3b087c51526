/** logger: from a broker to standard output. Prints one line for every face. */
import { messageOf } from "../lib/errors.ts";
import type { FaceFile, FaceMetadata } from "../lib/face/face.ts";
import { readFace } from "../lib/face/face_file.ts";
import { KeyTemplate } from "../lib/face/object_key.ts";
import { printable, printableJson } from "../lib/printable.ts";
import { RecentIds } from "../lib/face/recent_ids.ts";
import { isTrial, type Message } from "../lib/bus/bus.ts";
import {
  brokerAddress,
  BUS_METRICS,
  BUS_SETTINGS,
  certificateAuthority,
  openBus,
  qosOf,
} from "../lib/wiring/bus.ts";
import { counter } from "../lib/health/metric.ts";
import { objectKey } from "../lib/wiring/object_key.ts";
import { withPreset } from "../lib/wiring/preset.ts";
import { flag, grouped } from "../lib/settings/declare.ts";
import { program, start } from "../lib/program/program.ts";

/** Number of latest faces whose copies get no second line. */
const RECENT = 1_000;

const SETTINGS = withPreset({
  broker: brokerAddress({ help: "address of the broker", fallback: "mqtt://127.0.0.1:1883" }),
  brokerCa: certificateAuthority("broker"),
  ...BUS_SETTINGS,
  ...grouped("output", { json: flag({ help: "print one JSON object per line" }) }),
  key: objectKey({ help: "template of the saver's object keys, for the field key of --json" }),
});

const LOGGER_METRICS = {
  logged: counter("haarlem_messages_logged_total", {
    help: "lines printed: for faces, and for messages that are no face",
    label: "kind",
    values: ["face", "other"],
    field: { face: "faces", other: "others" },
  }),
};

export const logger = program({
  name: "logger",
  settings: SETTINGS,
  basics: ["broker", "brokerCa", "topic", "device", "json", "preset"],
  metrics: [LOGGER_METRICS, BUS_METRICS],
  examples: ["--broker mqtt://127.0.0.1:1883", "--json"],

  async run(settings, { signal, log, health, print }) {
    const { broker: address, brokerCa: ca, topic } = settings;
    const bus = await openBus({ role: "broker", address, ca, settings, worker: "logger", log, health });
    const template = new KeyTemplate(settings.key);
    const seen = new RecentIds(RECENT);
    const metrics = health.metrics.add(LOGGER_METRICS);
    try {
      for await (const message of bus.messages(topic, { qos: qosOf(settings), signal })) {
        if (message.isRetained || isTrial(message)) continue; // A retained message was published earlier.
        const line = describe(message, template);
        if ("id" in line && !seen.add(line.id)) continue; // A copy, sent again because no receipt had arrived.
        metrics.logged.add("id" in line ? "face" : "other");
        print(settings.json ? printableJson(line) : printable(textOf(line)));
      }
    } finally {
      await bus.close();
    }
  },
});

/** What is printed of one message: a face, or why it is not one. The fields of --json, docs/FORMATS.md explains them. */
type Line =
  & { readonly time: string; readonly bytes: number }
  & (
    | Pick<FaceFile, "id" | "width" | "height">
      & Partial<Pick<FaceMetadata, "camera" | "device" | "captured" | "box" | "sequence" | "score">>
      & { readonly visit?: number; readonly why?: string; readonly key?: string }
    | { readonly notAFace: string }
  );

function describe({ payload }: Message, template: KeyTemplate): Line {
  const nowMs = Date.now();
  const arrived = new Date(nowMs).toISOString();
  try {
    const face = readFace(payload);
    const { id, width, height, metadata } = face;
    const { camera, device, captured, box, sequence, score, visit } = metadata ?? {};
    // The key of a third-party picture has the time of its arrival at the saver, and other keys may be numbered.
    const key = metadata && template.unique ? template.keyOf(face, nowMs) : undefined;
    const of = { camera, device, captured, visit: visit?.number, why: visit?.why, score };
    return { time: captured ?? arrived, ...of, width, height, box, sequence, bytes: payload.length, id, key };
  } catch (error) {
    return { time: arrived, bytes: payload.length, notAFace: messageOf(error) };
  }
}

function textOf(line: Line): string {
  if ("notAFace" in line) return `${line.time}  not a face: ${line.notAFace}, ${line.bytes} bytes`;
  const box = line.box ? `  at ${line.box.x},${line.box.y} ${line.box.width}x${line.box.height}` : "";
  return `${line.time}  ${line.camera ?? "unknown"}  ${line.width}x${line.height}${box}  ${line.bytes} bytes`;
}

if (import.meta.main) await start(logger);
