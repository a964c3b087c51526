/**
 * saver: faces from the broker in the cloud into a store. A receipt goes back when a face is durable, and for a
 * message that never can be stored, so that its sender stops sending it.
 */
import type { Message } from "../lib/bus/bus.ts";
import { forEachConcurrently } from "../lib/concurrently.ts";
import { Failure, messageOf, Refusal, UsageError } from "../lib/errors.ts";
import { identity, readFace } from "../lib/face/face_file.ts";
import { DEFAULT_KEY, fieldNames, KeyTemplate } from "../lib/face/object_key.ts";
import { RecentIds } from "../lib/face/recent_ids.ts";
import { formatReceipts, type Receipt } from "../lib/face/receipt.ts";
import { receiptTopic } from "../lib/face/topics.ts";
import { Backoff, sleep } from "../lib/retry.ts";
import { saveFace } from "../lib/store/save_face.ts";
import type { Store } from "../lib/store/store.ts";
import {
  brokerAddress,
  BUS_SETTINGS,
  certificateAuthority,
  openBus,
  qosOf,
  wrongName,
} from "../lib/worker/bus_settings.ts";
import type { Part } from "../lib/worker/health.ts";
import type { Log } from "../lib/worker/log.ts";
import { openSetAside, SET_ASIDE_SETTINGS } from "../lib/worker/set_aside.ts";
import { number, text } from "../lib/worker/settings.ts";
import { openStoreOf, storeSettings } from "../lib/worker/store_settings.ts";
import { program, start } from "../lib/worker/worker.ts";

const RECENT = 1_000;

const settings = {
  broker: brokerAddress({ help: "the broker in the cloud", fallback: "mqtt://127.0.0.1:1883" }),
  brokerCa: certificateAuthority("broker"),
  ...BUS_SETTINGS,
  ...storeSettings,
  key: text({
    help: `how objects are named: ${fieldNames()}`,
    placeholder: "TEMPLATE",
    fallback: DEFAULT_KEY,
  }),
  maxMessage: number({ help: "a larger message is refused", min: 1, max: 256, unit: "MiB", fallback: "16" }),
  puts: number({ help: "objects written at the same time", min: 1, max: 256, fallback: "16" }),
  waiting: number({
    help: "messages that may wait to be written; more are dropped and come again",
    min: 1,
    max: 100_000,
    fallback: "256",
  }),
  group: text({
    help: "savers of one group share the faces; without one each of them stores every face",
    placeholder: "NAME",
    check: wrongName,
  }),
  ...SET_ASIDE_SETTINGS,
};

export const saver = program({
  name: "saver",
  summary: "stores every face that arrives, and says so",
  settings,
  examples: ["--broker mqtt://127.0.0.1:1883 --store s3://my-bucket/faces", "--store ./faces"],

  async run(settings, { signal, log, health }) {
    const store = openStoreOf(settings);
    const template = new KeyTemplate(settings.key);
    await checked(store, { signal, log });
    const setAside = openSetAside(settings, log);
    const { broker: address, brokerCa: ca, topic } = settings;
    const bus = await openBus({ role: "broker", address, ca, settings, worker: "saver", log, health });
    const qos = qosOf(settings);
    const count = { stored: 0, refused: 0, dropped: 0 };
    health.counts(() => count);
    /** Faces that are being stored: a second copy of one that came meanwhile has nothing to add. */
    const begun = new Set<string>();
    const storing = new Storing(store, log, health.part("store"));
    /** What was sent again while it waited here needs a receipt, not a second put. */
    const stored = new RecentIds(RECENT);

    const receipt = async (receipt: Receipt) => {
      // A receipt that is lost comes again with the face that it is for.
      await bus.publish(receiptTopic(topic), formatReceipts([receipt]), { qos }).catch(() => {});
    };

    const take = async ({ payload }: Message) => {
      const id = identity(payload);
      if (begun.has(id)) return;
      if (stored.has(id)) return await receipt({ id });
      begun.add(id);
      try {
        if (payload.length > settings.maxMessage * 2 ** 20) throw new Refusal("larger than --max-message");
        const face = readFace(payload);
        const arrivedMs = Date.now();
        const key = await storing.until((signal) => saveFace(store, face, { template, arrivedMs, signal }), {
          signal,
        });
        if (key === undefined) return;
        count.stored++;
        stored.add(id);
        log.debug("stored", { key, bytes: payload.length });
        await receipt({ id });
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        count.refused++;
        log.warn(`refused a message: ${messageOf(error)}`, { bytes: payload.length, id });
        await setAside(id, payload, messageOf(error));
        await receipt({ id, refused: messageOf(error) });
      } finally {
        begun.delete(id);
      }
    };

    try {
      const messages = bus.messages(topic, {
        qos,
        signal,
        group: settings.group,
        maxWaiting: settings.waiting,
        onDropped: () => {
          if (count.dropped++ === 0) log.warn("too many messages wait; some are dropped and will come again");
        },
      });
      await forEachConcurrently(messages, settings.puts, take);
      log.info("done", count);
    } finally {
      await bus.close();
    }
  },
});

/** Tries until it works, and says once that the store is away and once that it is back. */
class Storing {
  #away = false;

  constructor(private readonly store: Store, private readonly log: Log, private readonly part: Part) {
    this.#works();
  }

  /** The work's result; nothing when the signal was aborted before it worked. */
  async until<T>(
    work: (signal: AbortSignal) => Promise<T>,
    { signal }: { signal: AbortSignal },
  ): Promise<T | undefined> {
    const backoff = new Backoff({ firstMs: 500, maxMs: 15_000 });
    for (;;) {
      try {
        // A put under way is finished even when we are told to stop: its time is limited by the store.
        const result = await work(new AbortController().signal);
        if (this.#away) this.log.info(`the store is back: ${this.store.name}`);
        this.#away = false;
        this.#works();
        return result;
      } catch (error) {
        if (error instanceof Refusal) throw error;
        if (signal.aborted) return undefined;
        const hint = error instanceof UsageError && error.hint ? `; try: ${error.hint}` : "";
        if (!this.#away) this.log.error(`cannot store: ${messageOf(error)}${hint}; trying again`);
        this.#away = true;
        this.part.waits(messageOf(error));
        await sleep(backoff.next(), { signal });
        if (signal.aborted) return undefined;
      }
    }
  }

  #works(): void {
    this.part.begins();
    this.part.works();
  }
}

/** Looks at the store before the first message: settings that are wrong end the program, a store that is away does not. */
async function checked(store: Store, { signal, log }: { signal: AbortSignal; log: Log }): Promise<void> {
  try {
    await store.check({ signal });
  } catch (error) {
    if (error instanceof UsageError || error instanceof Failure) throw error;
    log.warn(`the store does not answer yet: ${messageOf(error)}`);
  }
}

if (import.meta.main) await start(saver);
