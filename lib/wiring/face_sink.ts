/** Where a detector's faces go: to a broker with an outbox, to a broker without one, or to a folder. */
import type { FaceFile } from "../face/face.ts";
import { MAX_IN_MEMORY } from "../outbox/numbers.ts";
import { wrongFolder } from "../safe_address.ts";
import { qosOf } from "./bus.ts";
import { folderSink } from "./folder_sink.ts";
import type { LogFields } from "../log.ts";
import { outboxSink } from "./outbox_sink.ts";
import { grouped, number, onOff, text } from "../settings/declare.ts";
import {
  freshNumbers,
  openBrokerBus,
  type SinkSettings,
  type Surroundings,
  timeWarning,
  WITHOUT_DATE,
} from "./sink_parts.ts";

/** The settings of where faces go. */
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

/** Takes faces. */
export interface FaceSink extends AsyncDisposable {
  /** Names the faces together with the sequence. */
  readonly epoch: string;
  nextSequence(): number;
  /** Resolves when the face is safe (outbox, folder) or, without an outbox, sent. Never throws for a lost broker. */
  deliver(face: FaceFile): Promise<void>;
  /** Resolves when nothing is left to do, or on abort. */
  drained(options: { signal: AbortSignal }): Promise<void>;
  /** What became of the faces. */
  count(): LogFields;
}

/** Opens the sink that the settings ask for. */
export async function openFaceSink(settings: SinkSettings, around: Surroundings): Promise<FaceSink> {
  if (settings.out !== undefined) return await folderSink(settings.out, settings, around);
  return settings.receipts ? await outboxSink(settings, around) : await plainSink(settings, around);
}

/** The homework's way: what the broker does not take is gone, and counted. */
async function plainSink(settings: SinkSettings, { signal, log }: Surroundings): Promise<FaceSink> {
  const bus = await openBrokerBus(settings, log);
  await bus.ready({ signal }).catch(() => {}); // Told to stop before there was a broker.
  let sent = 0;
  let lost = 0;
  const warnOfTime = timeWarning(log, WITHOUT_DATE);
  return {
    ...freshNumbers(),
    async deliver(face) {
      warnOfTime(face.metadata!.captured);
      try {
        await bus.publish(settings.topic, face.bytes, { qos: qosOf(settings) });
        sent++;
      } catch {
        lost++;
      }
    },
    drained: () => Promise.resolve(),
    count: () => ({ sent, lost }),
    [Symbol.asyncDispose]: () => bus.close(),
  };
}
