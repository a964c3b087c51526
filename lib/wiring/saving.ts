/**
 * The messages of a saver on their way into its store.
 *
 *     push ──▶ queue ──take──▶ once ──▶ save ──▶ stored
 *                ▲                       │
 *                └──── after a delay ────┘ where the store did not take it
 *
 * Beyond the limit of waiting messages, a message is dropped: it has no receipt, so its sender sends it again.
 */
import type { Message } from "../bus/bus.ts";
import { MessageQueue } from "../bus/message_queue.ts";
import { RejectedMessageError } from "../errors.ts";
import { readFace } from "../face/face_file.ts";
import { KeyDays } from "../face/key_days.ts";
import { KeyTemplate } from "../face/object_key.ts";
import type { Health } from "../health/health.ts";
import { counter, gauge, histogram } from "../health/metric.ts";
import type { Log } from "../log.ts";
import type { Values } from "../settings/declare.ts";
import { RetryingStore } from "../store/retrying_store.ts";
import { saveFace } from "../store/save_face.ts";
import type { Store } from "../store/store.ts";
import { qosOf } from "./bus.ts";
import { MESSAGE_METRICS } from "./message_metrics.ts";
import { checkStore, openRetryPolicy, openStoreOf, type STORE_SETTINGS } from "./store.ts";

type SavingSettings = Values<typeof STORE_SETTINGS> & {
  readonly key: string;
  /** Maximum number of waiting messages. */
  readonly waiting: number;
  /** Maximum size of a message, MiB. */
  readonly maxMessage: number;
  /** Days after which faces are removed; 0: never. */
  readonly keepDays: number;
};

/** Where faces are stored, and under which keys. */
export interface SavingTarget {
  readonly store: Store;
  readonly template: KeyTemplate;
  /** With --keep-days: the days in its keys. */
  readonly days?: KeyDays;
  /** Why the store did not answer at the start. */
  readonly fault?: string;
}

/** Opens the store and checks it. Throws when its settings are wrong; a store that does not answer is retried later. */
export async function openTarget(
  settings: SavingSettings,
  { signal, log }: { signal: AbortSignal; log: Log },
): Promise<SavingTarget> {
  const store = openStoreOf(settings, {
    mayDelete: settings.keepDays > 0,
    onUnsupported: (what) => log.warn(`the store does not support ${what}`, { store: store.name }),
  });
  const template = new KeyTemplate(settings.key);
  const days = settings.keepDays > 0 ? new KeyDays(template) : undefined;
  const fault = await checkStore(store, { signal, log, ifAbsent: !template.unique });
  return { store, template, days, fault };
}

/** What a saver counts, besides MESSAGE_METRICS. */
export const SAVING_METRICS = {
  stored: counter("haarlem_faces_stored_total", { help: "faces that were stored", field: "stored" }),
  put: histogram("haarlem_put_duration_seconds", {
    help: "duration of storing one face, with the requests that find a free object key",
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20],
  }),
  failures: counter("haarlem_put_failures_total", {
    help: "attempts to store a face that failed; the saver or the sender repeats them",
  }),
  waiting: gauge("haarlem_messages_waiting", { help: "messages that wait to be stored" }),
  receipts: counter("haarlem_receipts_sent_total", {
    help: "receipts that the broker took",
    label: "result",
    values: ["stored", "refused"],
  }),
};

/** See the top of this file. */
export class Saving {
  readonly #queue: MessageQueue;
  readonly #retrying: RetryingStore<Message>;
  /** The caller counts what it rejects, and its receipts. */
  readonly metrics;

  constructor(
    private readonly target: SavingTarget,
    private readonly settings: SavingSettings & { readonly qos: "0" | "1" },
    private readonly options: {
      readonly log: Log;
      readonly health: Health;
      /** Ends `take` and all waits; what waits then is left to its senders. */
      readonly signal: AbortSignal;
    },
  ) {
    const { signal, log, health } = options;
    // Before the component: its first state is reported with them.
    this.metrics = health.metrics.add({ ...SAVING_METRICS, ...MESSAGE_METRICS });
    const { onDropped } = this;
    const maxWaiting = settings.waiting;
    this.#queue = new MessageQueue({ qos: qosOf(settings), signal, maxWaiting, onDropped });
    this.#retrying = new RetryingStore({
      policy: openRetryPolicy(target.store, {
        log,
        component: health.component("store"),
        fault: target.fault,
        signal,
      }),
      maxWaiting,
      requeue: (message) => this.#queue.push(message),
      onDropped,
      signal,
    });
    const waiting = () => this.#queue.size + this.#retrying.delayed;
    health.metrics.add({ waiting: SAVING_METRICS.waiting }, { waiting });
  }

  /** Call it for a message that was dropped before `push`. */
  readonly onDropped = (message: Message): void => {
    this.#retrying.dropped(message);
    this.metrics.dropped.add();
    if (this.metrics.dropped.total > 1) return;
    this.options.log.warn("too many messages wait; some are dropped, and their senders send them again");
  };

  /** Adds a message, or drops it. */
  push(message: Message): void {
    this.#queue.push(message);
  }

  /** The messages to save, until the signal is aborted. */
  take(): AsyncIterable<Message> {
    return this.#queue.take();
  }

  /** Runs `task` for a message, unless a copy of the message is under way. */
  once(id: string, message: Message, task: () => Promise<void>): Promise<void> {
    return this.#retrying.once(id, message, task);
  }

  /**
   * Stores the face of a message, within `once`. Returns its object key; nothing when the message will arrive again, or
   * is not a new one. Throws a RejectedMessageError when it can never be stored.
   */
  async save(id: string, message: Message): Promise<string | undefined> {
    const { log, signal } = this.options;
    if (message.payload.length > this.settings.maxMessage * 2 ** 20) {
      throw new RejectedMessageError("larger than --max-message", "too_large");
    }
    const face = readFace(message.payload);
    // The key of a picture without metadata is its arrival: a retained one would be stored again at each start.
    if (message.isRetained && !face.metadata) {
      log.info("skipped a retained picture: it is not new", { id });
      return undefined;
    }
    const { store, template } = this.target;
    const arrivedMs = Date.now();
    const put = (signal: AbortSignal) => this.#timed(saveFace(store, face, { template, arrivedMs, signal }));
    const key = await this.#retrying.save(id, message, put, { signal });
    if (key === undefined) return undefined;
    this.metrics.stored.add();
    log.debug("stored", { key, bytes: message.payload.length });
    return key;
  }

  async #timed<T>(put: Promise<T>): Promise<T> {
    const beganMs = performance.now();
    try {
      const result = await put;
      this.metrics.put.observe((performance.now() - beganMs) / 1000);
      return result;
    } catch (error) {
      if (!(error instanceof RejectedMessageError)) this.metrics.failures.add();
      throw error;
    }
  }
}
