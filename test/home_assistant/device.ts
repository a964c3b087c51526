/** The device message of a detector with every entity, for the tests of this folder. */
import { deviceMessage } from "../../lib/home_assistant/device_message.ts";
import { entitiesOf } from "../../lib/home_assistant/entities.ts";
import { homeTopics, stateTopic, statusTopic } from "../../lib/face/topics.ts";
import type { EngineName } from "../../lib/detection/engines.ts";
import { RemoteSettings, type SearchValues } from "../../lib/wiring/remote_settings.ts";

/** An entity of the message. */
export type Component = Readonly<Record<string, unknown>> & { readonly platform: string };

/** The message, as Home Assistant reads it. */
export interface DeviceMessage {
  readonly device: Readonly<Record<string, unknown>>;
  readonly origin: Readonly<Record<string, unknown>>;
  readonly availability: readonly Readonly<Record<string, unknown>>[];
  readonly components: Readonly<Record<string, Component>>;
}

/** The message of the camera `front` of the board `board1`. */
export function messageOf(engine: EngineName): DeviceMessage {
  const [device, camera, worker] = ["board1", "front", "detector-front"];
  const status = statusTopic(device, worker);
  const entities = entitiesOf({
    topics: homeTopics(device, worker),
    statusTopic: status,
    stateTopic: stateTopic(device, worker),
    hasVisits: true,
    hasOutbox: true,
    settings: new RemoteSettings({ engine, faces: "best" } as SearchValues).adjustable,
  });
  return JSON.parse(deviceMessage({ device, camera, version: "0.1.0", statusTopic: status, entities }));
}
