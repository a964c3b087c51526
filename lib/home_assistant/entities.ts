/**
 * The entities of a detector in Home Assistant: what each shows, and on which topics. The keys are those of MQTT discovery
 * (home-assistant.io/integrations/mqtt); test/home_assistant checks them with Home Assistant's own schemas.
 */
import type { homeTopics } from "../face/topics.ts";

/** An entity, with the keys of its platform. */
export interface Entity {
  readonly platform: "binary_sensor" | "image" | "number" | "sensor" | "switch";
  readonly name: string;
  readonly [key: string]: unknown;
}

/** A setting that Home Assistant may change. */
export interface AdjustableSetting {
  /** Its name as a flag, such as `min-size`; the same in topics. */
  readonly name: string;
  /** What Home Assistant calls it. */
  readonly label: string;
  /** Limits of a number; absent for a setting that is on or off. */
  readonly range?: {
    readonly min: number;
    readonly max: number;
    readonly fraction?: true;
    readonly unit?: string;
  };
}

/** What a detector has. */
export interface DetectorTraits {
  readonly topics: ReturnType<typeof homeTopics>;
  readonly statusTopic: string;
  readonly stateTopic: string;
  /** Whether detections are visits; otherwise nobody's stay is known. */
  readonly hasVisits: boolean;
  /** Whether faces wait for receipts. */
  readonly hasOutbox: boolean;
  readonly settings: readonly AdjustableSetting[];
}

const DIAGNOSTIC = { entity_category: "diagnostic" } as const;
/** Units as Home Assistant writes them. */
const UNITS: Readonly<Record<string, string>> = { pixels: "px", seconds: "s" };
/** The smallest step of a setting that takes fractions. */
const FRACTION_STEP = 0.01;

/** The entities by their identifiers, which are unique in the device. */
export function entitiesOf(traits: DetectorTraits): Readonly<Record<string, Entity>> {
  const { topics, hasVisits, settings } = traits;
  return {
    face: {
      platform: "image",
      name: "Last face",
      image_topic: topics.face,
      content_type: "image/png",
      json_attributes_topic: topics.faceAttributes,
    },
    ...(hasVisits && { occupancy: occupancy(traits) }),
    camera: {
      platform: "binary_sensor",
      name: "Camera",
      device_class: "connectivity",
      ...DIAGNOSTIC,
      state_topic: topics.camera,
    },
    ...stateEntities(traits),
    detecting: adjustable({ name: "detecting", label: "Detecting" }, traits, {}),
    ...Object.fromEntries(
      settings.map((setting) => [
        setting.name.replaceAll("-", "_"),
        adjustable(setting, traits, { entity_category: "config" }),
      ]),
    ),
  };
}

/** Without a camera nobody's presence is known: the entity is then unavailable, not off. */
function occupancy({ topics, statusTopic }: DetectorTraits): Entity {
  return {
    platform: "binary_sensor",
    name: "Face present",
    device_class: "occupancy",
    state_topic: topics.occupancy,
    availability: [
      { topic: statusTopic },
      { topic: topics.camera, payload_available: "ON", payload_not_available: "OFF" },
    ],
    availability_mode: "all",
  };
}

/** What the state of the detector shows (lib/face/detector_state.ts). A field may be absent. */
function stateEntities({ stateTopic, hasOutbox }: DetectorTraits): Record<string, Entity> {
  const sensor = (name: string, path: string, more: Record<string, unknown> = DIAGNOSTIC): Entity => ({
    platform: "sensor",
    name,
    state_topic: stateTopic,
    value_template: `{{ value_json.${path} | default('None') }}`,
    ...more,
  });
  const counts = { state_class: "total_increasing", ...DIAGNOSTIC };
  return {
    problem: {
      platform: "binary_sensor",
      name: "Problem",
      device_class: "problem",
      ...DIAGNOSTIC,
      state_topic: stateTopic,
      value_template: "{{ 'OFF' if value_json.status == 'ok' else 'ON' }}",
      json_attributes_topic: stateTopic,
      json_attributes_template: "{{ {'why': value_json.why | default('')} | tojson }}",
    },
    faces: sensor("Faces", "done.faces", { state_class: "total_increasing" }),
    detections: sensor("Detections", "done.detections", counts),
    frames: sensor("Frames", "done.frames", counts),
    skipped: sensor("Skipped frames", "done.skipped", counts),
    frame_rate: sensor("Frame rate", "framesPerSecond", {
      state_class: "measurement",
      unit_of_measurement: "fps",
      ...DIAGNOSTIC,
    }),
    ...(hasOutbox && {
      waiting: sensor("Faces waiting", "waiting", { state_class: "measurement", ...DIAGNOSTIC }),
      oldest: sensor("Oldest face waiting", "oldestWaitingSeconds", {
        device_class: "duration",
        state_class: "measurement",
        unit_of_measurement: "s",
        ...DIAGNOSTIC,
      }),
      evicted: sensor("Faces not delivered", "done.evicted", { state_class: "measurement", ...DIAGNOSTIC }),
    }),
  };
}

/** A number, or a switch for what is on or off; its state topic echoes the value in force. */
function adjustable(
  { name, label, range }: AdjustableSetting,
  { topics }: DetectorTraits,
  more: Readonly<Record<string, unknown>>,
): Entity {
  const common = {
    name: label,
    state_topic: topics.setting(name),
    command_topic: topics.change(name),
    ...more,
  };
  if (!range) return { platform: "switch", ...common, payload_on: "on", payload_off: "off" };
  const { min, max, fraction, unit } = range;
  return {
    platform: "number",
    ...common,
    min,
    max,
    step: fraction ? FRACTION_STEP : 1,
    mode: "box",
    ...(unit !== undefined && { unit_of_measurement: UNITS[unit] ?? unit }),
  };
}
