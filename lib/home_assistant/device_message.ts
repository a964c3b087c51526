/**
 * The message by which Home Assistant learns of a detector: one device with its entities, retained on
 * `homeassistant/device/ID/config` (MQTT device discovery, Home Assistant 2024.11 and later).
 */
import type { Entity } from "./entities.ts";

/** Home Assistant's prefix of discovery topics, unless its user changes it. */
export const DISCOVERY_PREFIX = "homeassistant";

/** Where Home Assistant says `online` when it has started. */
export const BIRTH_TOPIC = `${DISCOVERY_PREFIX}/status`;

/** Platforms by the identifiers of entities. */
export type Platforms = Readonly<Record<string, string>>;

/** What a device consists of. */
export interface DeviceFacts {
  readonly device: string;
  readonly camera: string;
  readonly version: string;
  /** The topic of the retained status of the detector: `online` or `offline`. */
  readonly statusTopic: string;
  readonly entities: Readonly<Record<string, Entity>>;
  /** The entities of the last message, by platform. Those that are gone are named once more, which removes them. */
  readonly former?: Platforms;
}

/** The identifier of a device, of letters, digits, `_` and `-`. */
export function deviceId(device: string, camera: string): string {
  return `haarlem_${device}_detector-${camera}`;
}

/** The topic of the message. */
export function discoveryTopic(device: string, camera: string): string {
  return `${DISCOVERY_PREFIX}/device/${deviceId(device, camera)}/config`;
}

/** The message, as JSON. */
export function deviceMessage(
  { device, camera, version, statusTopic, entities, former = {} }: DeviceFacts,
): string {
  const id = deviceId(device, camera);
  const name = `Haarlem ${device} ${camera}`;
  const gone = Object.entries(former).filter(([key]) => !Object.hasOwn(entities, key));
  return JSON.stringify({
    device: { identifiers: [id], name, manufacturer: "Haarlem", model: "detector", sw_version: version },
    origin: { name: "Haarlem", sw_version: version },
    availability: [{ topic: statusTopic }],
    qos: 1,
    components: Object.fromEntries([
      ...Object.entries(entities).map(([key, entity]) => [key, {
        ...entity,
        unique_id: `${id}_${key}`,
        // What Home Assistant makes of both names; without it, some versions omit the device's name.
        default_entity_id: `${entity.platform}.${slug(`${name} ${entity.name}`)}`,
      }]),
      ...gone.map(([key, platform]) => [key, { platform }]),
    ]),
  });
}

function slug(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]+/g, "_").replace(/^_|_$/g, "");
}
