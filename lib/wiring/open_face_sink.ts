/** The settings of a detector's sink, and the sink that they describe. */
import { stateTopic } from "../face/topics.ts";
import type { MetricSet } from "../health/metric.ts";
import { MAX_IN_MEMORY } from "../outbox/numbers.ts";
import { wrongFolder } from "../safe_address.ts";
import { grouped, number, onOff, text, type Values } from "../settings/declare.ts";
import { type BUS_SETTINGS, deviceName, openBus } from "./bus.ts";
import type { FaceSink, SinkContext } from "./face_sink.ts";
import { FOLDER_METRICS, openFolderSink } from "./folder_sink.ts";
import { OUTBOX_METRICS } from "./outbox_metrics.ts";
import type { HomeAssistant } from "./home_assistant.ts";
import { openOutboxSink } from "./outbox_sink.ts";
import { openPlainSink, PLAIN_METRICS } from "./plain_sink.ts";
import { withStateReports } from "./state_reports.ts";

/** The settings of the sink. */
export const SINK_SETTINGS = grouped("delivery", {
  receipts: onOff({
    help: "keep each face until its receipt arrives; off: publish once, without receipts",
    fallback: "on",
  }),
  state: text({
    help: "folder of the outbox",
    details: "Without it: the state folder of the service, or ~/.local/state/haarlem/CAMERA.",
    placeholder: "DIR",
  }),
  out: text({
    help: "write faces into this folder instead of publishing them",
    placeholder: "DIR",
    check: wrongFolder,
  }),
  outboxFaces: number({
    help: "maximum number of faces in the outbox; beyond it the oldest is evicted",
    min: 1,
    max: 10_000_000,
    fallback: "20000",
  }),
  outboxSize: number({
    help: "maximum disk space of the outbox; beyond it the oldest face is evicted",
    min: 1,
    max: 1_000_000,
    unit: "MiB",
    fallback: "1024",
  }),
  memoryFaces: number({
    help: "maximum number of faces in memory while the disk cannot be written",
    details: "Beyond it the oldest is evicted.",
    min: 1,
    max: MAX_IN_MEMORY,
    fallback: "500",
  }),
  memorySize: number({
    help: "maximum size of the faces in memory while the disk cannot be written",
    details: "Beyond it the oldest is evicted.",
    min: 1,
    max: 10_000,
    unit: "MiB",
    fallback: "32",
  }),
  maxFace: number({
    help: "scale down a face whose file is larger than this",
    details: "AWS IoT Core takes messages of at most 128 KiB.",
    min: 4,
    max: 262_144,
    unit: "KiB",
    fallback: "8192",
  }),
  retry: number({
    help: "resend an unacknowledged face after this long, doubling up to 60 s",
    min: 0.1,
    max: 60,
    fraction: true,
    unit: "seconds",
    fallback: "5",
  }),
  inFlight: number({
    help: "maximum number of unacknowledged faces",
    details: "Beyond it, faces wait in the outbox.",
    min: 1,
    max: 10_000,
    fallback: "16",
  }),
});

/** What the sinks count. */
export const SINK_METRICS: readonly MetricSet[] = [OUTBOX_METRICS, PLAIN_METRICS, FOLDER_METRICS];

/** The settings of a sink, and the other settings of the detector that it reads. */
export type SinkSettings = Values<typeof SINK_SETTINGS & typeof BUS_SETTINGS> & {
  readonly broker: string;
  readonly brokerCa?: string;
  readonly camera: string;
  readonly once: boolean;
};

/** Opens the sink that the settings describe. */
export async function openFaceSink(
  settings: SinkSettings,
  { home, ...context }: Omit<SinkContext, "openBus"> & {
    /** Takes the bus as well. */
    readonly home: Pick<HomeAssistant<unknown>, "attach" | "connected">;
  },
): Promise<FaceSink> {
  const { out, receipts, broker: address, brokerCa: ca, camera } = settings;
  const worker = `detector-${camera}`;
  const whole: SinkContext = {
    ...context,
    openBus: async (changes) => {
      const { log, health, clock } = context;
      const link = {
        role: "broker",
        address,
        ca,
        settings,
        worker,
        log,
        metrics: health.metrics,
        ...changes,
        onUp: () => {
          changes?.onUp?.();
          home.connected();
        },
      };
      const topic = stateTopic(deviceName(settings.device), worker);
      return withStateReports(home.attach(await openBus(link)), { topic, camera, health, clock });
    },
  };
  if (out !== undefined) return await openFolderSink(out, settings, whole);
  return receipts ? await openOutboxSink(settings, whole) : await openPlainSink(settings, whole);
}
