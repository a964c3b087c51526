/** Publishes each face once, without receipts. A face that the broker does not take is lost, and counted. */
import type { Bus } from "../bus/bus.ts";
import type { FaceFile } from "../face/face.ts";
import { counter } from "../health/metric.ts";
import { brokerName, qosOf } from "./bus.ts";
import { clockWarning, WITHOUT_DATE } from "./clock_warning.ts";
import { type FaceSink, newNumbers, type SinkContext } from "./face_sink.ts";
import type { SinkSettings } from "./open_face_sink.ts";

export const PLAIN_METRICS = {
  published: counter("haarlem_faces_published_total", {
    help: "faces that the broker took, and those that it did not take, with --receipts off",
    label: "result",
    values: ["sent", "lost"],
    field: { sent: "sent", lost: "lost" },
  }),
};

/** Opens a plain sink. Resolves when the broker is connected, or on abort. */
export async function openPlainSink(
  settings: Pick<SinkSettings, "topic" | "qos" | "broker">,
  context: SinkContext,
): Promise<FaceSink> {
  const bus = await context.openBus();
  await bus.ready({ signal: context.signal }).catch(() => {}); // Rejects when the program is to stop.
  return new PlainSink(bus, settings, context);
}

class PlainSink implements FaceSink {
  readonly numbers = newNumbers();
  readonly #checkTime: (time: string) => void;
  readonly #metrics;

  constructor(
    private readonly bus: Bus,
    private readonly settings: Pick<SinkSettings, "topic" | "qos" | "broker">,
    { log, health }: SinkContext,
  ) {
    this.#checkTime = clockWarning(log, WITHOUT_DATE);
    this.#metrics = health.metrics.add(PLAIN_METRICS);
  }

  async deliver({ bytes, metadata }: FaceFile): Promise<void> {
    this.#checkTime(metadata!.captured);
    try {
      await this.bus.publish(this.settings.topic, bytes, { qos: qosOf(this.settings) });
    } catch {
      return this.#metrics.published.add("lost");
    }
    this.#metrics.published.add("sent");
  }

  get place(): string {
    return `to ${brokerName(this.settings)}`;
  }

  async drained(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {
    await this.bus.close();
  }
}
