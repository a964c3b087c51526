/** Publishes faces and keeps each in an outbox until its receipt arrives. */
import { join } from "node:path";
import { atMost, delay } from "../async/delay.ts";
import { either } from "../async/either.ts";
import { Outage, sinceMinutes } from "../async/outage.ts";
import type { Bus } from "../bus/bus.ts";
import type { Moment } from "../clock/clock.ts";
import { finalizeFace, isProvisional } from "../clock/corrected_times.ts";
import { messageOf, RejectedMessageError } from "../errors.ts";
import type { FaceFile, FaceMetadata } from "../face/face.ts";
import { parseReceipts } from "../face/receipt.ts";
import { receiptTopic } from "../face/topics.ts";
import { Courier } from "../outbox/courier.ts";
import type { Outbox } from "../outbox/outbox.ts";
import { brokerName, qosOf } from "./bus.ts";
import { clockWarning } from "./clock_warning.ts";
import type { FaceNumbers, FaceSink, SinkContext } from "./face_sink.ts";
import type { SinkSettings } from "./open_face_sink.ts";
import { openOutbox, stateFolder } from "./outbox.ts";
import { addOutboxMetrics } from "./outbox_metrics.ts";

/** How long a program that ends waits for the receipts of faces that have no file. */
const LAST_RECEIPTS_MS = 5_000;
const DRAIN_CHECK_MS = 20;
/** Maximum number of lost faces whose numbers are logged. */
const MAX_NUMBERS_LOGGED = 50;

/** Opens an outbox sink and begins to send the faces that an earlier run left in the outbox. */
export async function openOutboxSink(settings: SinkSettings, context: SinkContext): Promise<FaceSink> {
  const folder = stateFolder(settings);
  const outbox = await openOutbox(folder, settings, context);
  if (outbox.size > 0) context.log.info("the outbox holds faces of an earlier run", { faces: outbox.size });
  let sink: OutboxSink | undefined;
  const bus = await context.openBus({
    onUp: () => sink?.courier.reconnected(),
    onDown: () => sink?.courier.disconnected(),
  });
  return sink = new OutboxSink(folder, outbox, bus, settings, context);
}

class OutboxSink implements FaceSink {
  readonly numbers: FaceNumbers;
  readonly courier: Courier;
  readonly #checkTime: (time: string | number) => void;
  /** The end of this outage is not logged: one face that fits does not mean that the next one does. */
  readonly #eviction: Outage;
  readonly #stop = new AbortController();
  /** Aborted when the outbox fails other than by its disk: the next face then ends the program. */
  readonly #broken = new AbortController();
  readonly #running: Promise<unknown>;
  readonly #metrics: ReturnType<typeof addOutboxMetrics>;
  /** Whether a face got a corrected capture time. */
  #wasCorrected = false;

  constructor(
    folder: string,
    private readonly outbox: Outbox,
    private readonly bus: Bus,
    private readonly settings: SinkSettings,
    private readonly context: SinkContext,
  ) {
    const { log, clock } = context;
    this.#checkTime = clockWarning(log, "faces wait in the outbox until the clock is set");
    this.#eviction = new Outage({
      down: (reason, lastedMs) =>
        log.error(reason, { ledger: join(folder, "ledger.jsonl"), ...sinceMinutes(lastedMs) }),
    });
    this.numbers = outbox;
    this.courier = this.#openCourier();
    this.#metrics = addOutboxMetrics(context.health, outbox, this.courier);
    outbox.wasSent = (id) => this.courier.wasSent(id);
    clock.onChange = () => this.courier.reconsider();
    const tasks = [this.courier.run(this.#stop), this.#receive(), outbox.tend(this.#stop)];
    this.#running = Promise.all(tasks).catch((error) => {
      log.error(`the outbox cannot be used: ${messageOf(error)}`, { folder });
      this.#broken.abort(error);
    });
  }

  async deliver(face: FaceFile): Promise<void> {
    this.#broken.signal.throwIfAborted();
    const evictedBefore = this.outbox.evicted;
    const metadata = face.metadata!;
    const { sequence, epoch } = metadata;
    this.#checkTime(metadata.captured);
    if (face.bytes.length > this.settings.maxFace * 1024) {
      const reason = `larger than --max-face (${face.bytes.length} bytes)`;
      await this.outbox.reject(face.id, sequence, reason, { epoch });
    } else {
      const provisional = isProvisional(metadata);
      await this.outbox.add(face.id, sequence, face.bytes, {
        provisional,
        epoch,
        ageMs: this.#ageMs(metadata),
      });
    }
    if (this.outbox.evicted > evictedBefore) {
      this.#eviction.failed("faces are evicted; the ledger lists them");
    } else this.#eviction.worked();
    this.courier.wake();
  }

  get place(): string {
    return `to ${brokerName(this.settings)}`;
  }

  async drained({ signal }: { signal: AbortSignal }): Promise<void> {
    await this.courier.drained({ signal: either(signal, this.#broken.signal) });
    this.#broken.signal.throwIfAborted();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#drainMemory();
    this.#stop.abort();
    await this.#running;
    await this.bus.close();
    await this.outbox[Symbol.asyncDispose]();
  }

  #openCourier(): Courier {
    const { outbox, bus, settings: { topic, retry, inFlight } } = this;
    const { log } = this.context;
    const qos = qosOf(this.settings);
    return new Courier(outbox, {
      send: (bytes) => bus.publish(topic, bytes, { qos }),
      connected: () => bus.connected,
      acknowledged: qos === 1,
      finalize: (bytes) => this.#finalize(bytes),
      retryMs: retry * 1000,
      maxInFlight: inFlight,
      onUnanswered: (lastedMs) =>
        log.warn("no receipt comes for the faces that were sent; they are kept and sent again", {
          waiting: outbox.size,
          needed: `a saver that subscribes to "${topic}" and sends receipts, or --receipts off`,
          ...sinceMinutes(lastedMs),
        }),
      onAnswered: () => log.info("receipts arrive again", { waiting: outbox.size }),
      onReceipt: ({ refused }, ageMs) => {
        this.#metrics.receipts.add(refused === undefined ? "stored" : "refused");
        if (refused === undefined) this.#metrics.delivery.observe(ageMs / 1000);
      },
      onEvicted: (id, reason) => log.error(`evicted a face: ${reason}`, { id }),
    });
  }

  async #receive(): Promise<void> {
    const topic = receiptTopic(this.settings.topic);
    const options = { qos: qosOf(this.settings), signal: this.#stop.signal };
    for await (const { payload } of this.bus.messages(topic, options)) {
      await this.courier.receive(parseReceipts(payload));
    }
  }

  /** The bytes to send a face with; nothing while the clock was never set. */
  #finalize(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> | undefined {
    const now = this.context.clock.now();
    const final = finalBytes(bytes, now);
    if (!final) this.#checkTime(now.wallMs);
    else if (final !== bytes) {
      this.#metrics.corrected.add();
      if (!this.#wasCorrected) {
        this.context.log.info("capture times from before the clock was set are corrected");
      }
      this.#wasCorrected = true;
    }
    return final;
  }

  /** Time since the capture; setting the clock does not change it. */
  #ageMs({ clock }: FaceMetadata): number {
    return clock ? this.context.clock.now().monotonicMs - clock.monotonicMs : 0;
  }

  /** Faces in memory only end with the program: writes them to files, or waits for their receipts for a while. */
  async #drainMemory(): Promise<void> {
    const { outbox, bus } = this;
    await outbox.recover();
    const late = new AbortController();
    const { signal } = late;
    const received = async () => {
      while (outbox.inMemory > 0 && bus.connected && !signal.aborted) await delay(DRAIN_CHECK_MS, { signal });
    };
    await atMost(LAST_RECEIPTS_MS, received());
    late.abort();
    if (outbox.inMemory === 0) return;
    const numbers = Array.from(outbox.waiting()).filter(({ file }) => file === undefined)
      .map(({ epoch, sequence }) => `${epoch}/${sequence}`);
    this.context.log.error("faces without a file are lost; the saver may have stored those that were sent", {
      faces: numbers.length,
      numbers: numbers.slice(0, MAX_NUMBERS_LOGGED).join(" "),
    });
  }
}

/** A damaged file has no time to correct: it is sent as it is, and the saver rejects it with a reason. */
function finalBytes(bytes: Uint8Array<ArrayBuffer>, now: Moment): Uint8Array<ArrayBuffer> | undefined {
  try {
    return finalizeFace(bytes, now);
  } catch (error) {
    if (error instanceof RejectedMessageError) return bytes;
    throw error;
  }
}
