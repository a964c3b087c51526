/** The device message: by Home Assistant's own schemas, and by the keys of a newer version, recorded from its source. */
import assert from "node:assert/strict";
import { ENGINES } from "../../lib/detection/engines.ts";
import { output } from "../../lib/testing/command.ts";
import { needs } from "../needs.ts";
import { findParts } from "../parts.ts";
import { type DeviceMessage, messageOf } from "./device.ts";
import recorded from "./recorded_keys.json" with { type: "json" };

const CHECK = new URL("check_device.py", import.meta.url).pathname;
/** As docs/FORMATS.md has it, without the fields that a first message lacks. */
const STATE = {
  status: "waiting",
  why: "camera: unplugged",
  waiting: 2,
  done: { frames: 100, skipped: 1, detections: 9, faces: 3, evicted: 0 },
};

interface Answer {
  readonly version: string;
  readonly device: string | null;
  readonly components: Record<string, { error: string | null; unknown: string[]; shows: string | null }>;
}

/** What the installed Home Assistant says about a message. */
async function checked(message: DeviceMessage): Promise<Answer> {
  const folder = findParts().homeAssistant!;
  const { code, stdout, stderr } = await output(`${folder}/python`, [CHECK], {
    env: { PYTHONPATH: folder, PYTHONDONTWRITEBYTECODE: "1" },
    stdin: JSON.stringify({ message, state: STATE }),
  });
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

Deno.test("Home Assistant's schemas take every entity of every engine", needs("homeAssistant"), async () => {
  for (const engine of ENGINES) {
    const message = messageOf(engine);
    const { device, components } = await checked(message);
    assert.ok(device === null || device === "", device!); // null: this version knows no device messages.
    assert.deepEqual(Object.keys(components), Object.keys(message.components));
    for (const [id, { error, unknown }] of Object.entries(components)) {
      assert.equal(error, null, id);
      // Home Assistant has it since 2025.10, and older versions ignore it.
      assert.deepEqual(unknown.filter((key) => key !== "default_entity_id"), [], id);
    }
  }
});

Deno.test("a wrong value, and a key of another platform, are found", needs("homeAssistant"), async () => {
  const message = messageOf("haar");
  const { face, camera, min_size } = message.components;
  const { components } = await checked({
    ...message,
    components: {
      face: { ...face, image_topic: "haarlem/#/face" },
      camera: { ...camera, device_class: "conectivity" },
      min_size: { ...min_size, content_type: "image/png" },
    },
  });
  assert.match(components.face.error!, /image_topic/);
  assert.match(components.camera.error!, /device_class/);
  assert.ok(components.min_size.unknown.includes("content_type"));
});

Deno.test(
  "the templates show what is in a state, and unknown where a field is absent",
  needs("homeAssistant"),
  async () => {
    const { components } = await checked(messageOf("haar"));
    const shown = Object.fromEntries(
      Object.entries(components).flatMap(([id, { shows }]) => shows === null ? [] : [[id, shows]]),
    );
    assert.deepEqual(shown, {
      problem: "ON",
      faces: "3",
      detections: "9",
      frames: "100",
      skipped: "1",
      frame_rate: "None",
      waiting: "2",
      oldest: "None",
      evicted: "0",
    });
  },
);

Deno.test("each key of the message is one of Home Assistant 2026.11", () => {
  const unknown = (given: object, known: readonly string[]) =>
    Object.keys(given).filter((key) => !known.includes(key));
  for (const engine of ENGINES) {
    const message = messageOf(engine);
    const { components, device, origin, availability } = message;
    const list = [...availability, ...Object.values(components).flatMap((one) => one.availability ?? [])];
    assert.deepEqual(unknown(message, recorded.message), []);
    assert.deepEqual(unknown(device, recorded.device), []);
    assert.deepEqual(unknown(origin, recorded.origin), []);
    for (const one of list) assert.deepEqual(unknown(one as object, recorded.availability), []);
    for (const [id, { platform, ...keys }] of Object.entries(components)) {
      assert.ok(Object.hasOwn(recorded.platforms, platform), id);
      const known = recorded.platforms[platform as keyof typeof recorded.platforms];
      assert.deepEqual(unknown(keys, known), [], id);
      assert.ok("unique_id" in keys && "name" in keys, id);
    }
    const ids = Object.values(components).map(({ unique_id }) => unique_id);
    assert.equal(new Set(ids).size, ids.length);
  }
});
