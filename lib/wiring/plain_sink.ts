/** Publishes each face once, without receipts. A face that the broker does not take is lost, and counted. */
import type { Bus } from "../bus/bus.ts";
import type { FaceFile } from "../face/face.ts";
import { qosOf } from "./bus.ts";
import { clockWarning, WITHOUT_DATE } from "./clock_warning.ts";
import { type FaceSink, newNumbers, type SinkContext } from "./face_sink.ts";
import type { SinkSettings } from "./open_face_sink.ts";

/** Opens a plain sink. Resolves when the broker is connected, or on abort. */
export async function openPlainSink(
  settings: Pick<SinkSettings, "topic" | "qos">,
  context: SinkContext,
): Promise<FaceSink> {
  const bus = await context.openBus();
  await bus.ready({ signal: context.signal }).catch(() => {}); // Rejects when the program is to stop.
  return new PlainSink(bus, settings, context);
}

class PlainSink implements FaceSink {
  readonly numbers = newNumbers();
  readonly #checkTime: (time: string) => void;
  #sent = 0;
  #lost = 0;

  constructor(
    private readonly bus: Bus,
    private readonly settings: Pick<SinkSettings, "topic" | "qos">,
    { log }: SinkContext,
  ) {
    this.#checkTime = clockWarning(log, WITHOUT_DATE);
  }

  async deliver({ bytes, metadata }: FaceFile): Promise<void> {
    this.#checkTime(metadata!.captured);
    try {
      await this.bus.publish(this.settings.topic, bytes, { qos: qosOf(this.settings) });
      this.#sent++;
    } catch {
      this.#lost++;
    }
  }

  async drained(): Promise<void> {}

  count() {
    return { sent: this.#sent, lost: this.#lost };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.bus.close();
  }
}
