/**
 * A detector in Home Assistant: the setting, and what stands for it. `--discovery homeassistant` announces the camera as a
 * device (home_device.ts); `off` removes a device that an earlier run has announced.
 */
import type { Bus } from "../bus/bus.ts";
import { ConfigError } from "../errors.ts";
import type { FaceFile } from "../face/face.ts";
import type { Component } from "../health/health.ts";
import { Memory, type Remembered } from "../home_assistant/memory.ts";
import { RetainedValues } from "../home_assistant/retained_values.ts";
import type { Log } from "../log.ts";
import { choice, grouped, type Values } from "../settings/declare.ts";
import { deviceName } from "./bus.ts";
import { HomeDevice } from "./home_device.ts";
import type { SinkSettings } from "./open_face_sink.ts";
import { stateFolder } from "./outbox.ts";
import { RemoteSettings, type SearchValues } from "./remote_settings.ts";
import { publishRetained } from "./publish_retained.ts";

/** The setting of the discovery. */
export const DISCOVERY_SETTINGS = grouped("delivery", {
  discovery: choice(["off", "homeassistant"], {
    help: "announce the camera to Home Assistant at the broker; off: remove it there",
    details: "docs/HOME-ASSISTANT.md lists its entities. The last face is never retained.",
    fallback: "off",
  }),
});

/** One search with settings that stay the same. */
export interface Round<S> {
  readonly settings: S;
  /** Aborted when the settings change, or when the program is to stop. */
  readonly signal: AbortSignal;
}

/** What the detector does for Home Assistant. */
export interface HomeAssistant<S> {
  /** The settings of the first round; undefined while detecting is off. */
  readonly first: S | undefined;
  /** The searches, one after the other, until the input ends or the program is to stop. */
  rounds(options: { signal: AbortSignal }): AsyncIterable<Round<S>>;
  /** Whether a search that failed can be repeated, because a changed setting was at fault and is forgotten. */
  recover(error: unknown): Promise<boolean>;
  /** Takes the bus, and returns the one to close. */
  attach(bus: Bus): Bus;
  /** A connection to the broker was made. */
  connected(): void;
  /** Shows a face that was taken just now. */
  showFace(face: FaceFile): void;
  /** Shows how many visits last. */
  showVisitors(count: number): void;
}

type HomeSettings =
  & SearchValues
  & Values<typeof DISCOVERY_SETTINGS>
  & Pick<SinkSettings, "camera" | "device" | "out" | "receipts" | "state">;

/** Reads what an earlier run has left, and returns what the settings ask for. Throws a ConfigError. */
export async function openHomeAssistant<S extends HomeSettings>(
  settings: S,
  context: { readonly log: Log; readonly component: Component },
): Promise<HomeAssistant<S>> {
  const isOn = settings.discovery === "homeassistant";
  if (settings.out !== undefined) {
    if (!isOn) return absent(settings);
    throw new ConfigError(
      "--discovery homeassistant needs a broker, and --out publishes nothing",
      "remove --out, or --discovery",
    );
  }
  const memory = memoryOf(settings, isOn);
  const { log } = context;
  const earlier = await memory?.read((reason) =>
    log.warn(`cannot use "${memory.path}": ${reason}; it is replaced`)
  );
  if (!isOn) return earlier ? removing(settings, { memory: memory!, earlier, log }) : absent(settings);
  const remote = new RemoteSettings(settings);
  return await HomeDevice.open(remote, {
    ...context,
    memory: memory!,
    earlier,
    camera: settings.camera,
    device: deviceName(settings.device),
    hasVisits: settings.faces === "best",
    hasOutbox: settings.receipts,
  });
}

/** The file in the state folder. A detector without a state folder has announced nothing. */
function memoryOf(settings: HomeSettings, isNeeded: boolean): Memory | undefined {
  try {
    return new Memory(stateFolder(settings));
  } catch (error) {
    if (isNeeded) throw error;
  }
}

/** Home Assistant is not used. */
function absent<S>(settings: S): HomeAssistant<S> {
  return {
    first: settings,
    async *rounds({ signal }) {
      yield { settings, signal };
    },
    recover: () => Promise.resolve(false),
    attach: (bus) => bus,
    connected: () => {},
    showFace: () => {},
    showVisitors: () => {},
  };
}

/** The same, and what an earlier run has retained at the broker is removed, once. */
function removing<S>(
  settings: S,
  { memory, earlier, log }: { memory: Memory; earlier: Remembered; log: Log },
): HomeAssistant<S> {
  let values: RetainedValues | undefined;
  let isDone = false;
  const remove = async () => {
    if (!await values?.send() || isDone) return;
    isDone = true;
    log.info("removed the camera from Home Assistant, and the settings that were changed there");
    await memory.remove();
  };
  return {
    ...absent(settings),
    attach(bus) {
      values = new RetainedValues(publishRetained(bus));
      for (const topic of earlier.topics) values.set(topic, "");
      return bus;
    },
    connected: () => {
      remove().catch((error) => log.warn(`cannot remove "${memory.path}": ${error.message}`));
    },
  };
}
