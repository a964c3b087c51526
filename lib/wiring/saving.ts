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
import { KeyTemplate } from "../face/object_key.ts";
import type { Health } from "../health/health.ts";
import type { Log } from "../log.ts";
import type { Values } from "../settings/declare.ts";
import { RetryingStore } from "../store/retrying_store.ts";
import { saveFace } from "../store/save_face.ts";
import type { Store } from "../store/store.ts";
import { qosOf } from "./bus.ts";
import { checkStore, openRetryPolicy, openStoreOf, type STORE_SETTINGS } from "./store.ts";

type SavingSettings = Values<typeof STORE_SETTINGS> & {
  readonly key: string;
  /** Maximum number of waiting messages. */
  readonly waiting: number;
  /** Maximum size of a message, MiB. */
  readonly maxMessage: number;
};

/** Where faces are stored, and under which keys. */
export interface SavingTarget {
  readonly store: Store;
  readonly template: KeyTemplate;
  /** Why the store did not answer at the start. */
  readonly fault?: string;
}

/** Opens the store and checks it. Throws when its settings are wrong; a store that does not answer is retried later. */
export async function openTarget(
  settings: SavingSettings,
  { signal, log }: { signal: AbortSignal; log: Log },
): Promise<SavingTarget> {
  const store = openStoreOf(settings, {
    onUnsupported: (what) => log.warn(`the store does not support ${what}`, { store: store.name }),
  });
  const template = new KeyTemplate(settings.key);
  const fault = await checkStore(store, { signal, log, ifAbsent: !template.unique });
  return { store, template, fault };
}

/** See the top of this file. */
export class Saving {
  readonly #queue: MessageQueue;
  readonly #retrying: RetryingStore<Message>;
  /** Counters of the saver; the caller counts what it refuses. */
  readonly count = { stored: 0, refused: 0, dropped: 0 };

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
    health.counts(() => this.count); // Before the component: its first state is reported with them.
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
  }

  /** Call it for a message that was dropped before `push`. */
  readonly onDropped = (message: Message): void => {
    this.#retrying.dropped(message);
    if (this.count.dropped++ > 0) return;
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
      throw new RejectedMessageError("larger than --max-message");
    }
    const face = readFace(message.payload);
    // The key of a picture without metadata is its arrival: a retained one would be stored again at each start.
    if (message.isRetained && !face.metadata) {
      log.info("skipped a retained picture: it is not new", { id });
      return undefined;
    }
    const { store, template } = this.target;
    const arrivedMs = Date.now();
    const put = (signal: AbortSignal) => saveFace(store, face, { template, arrivedMs, signal });
    const key = await this.#retrying.save(id, message, put, { signal });
    if (key === undefined) return undefined;
    this.count.stored++;
    log.debug("stored", { key, bytes: message.payload.length });
    return key;
  }
}
