/**
 * saver: faces from the broker in the cloud into a store. A receipt goes back when a face is durable, and for a
 * message that never can be stored, so that its sender stops sending it.
 */
import type { Message } from "../lib/bus/bus.ts";
import { MessageQueue } from "../lib/bus/message_queue.ts";
import { forEachConcurrent } from "../lib/async/for_each_concurrent.ts";
import { ConfigError, FatalError, messageOf, RejectedMessageError } from "../lib/errors.ts";
import { identity, readFace } from "../lib/face/face_file.ts";
import { DEFAULT_KEY, fieldNames, KeyTemplate } from "../lib/face/object_key.ts";
import { RecentIds } from "../lib/face/recent_ids.ts";
import { formatReceipts, type Receipt } from "../lib/face/receipt.ts";
import { receiptTopic } from "../lib/face/topics.ts";
import { RetryingStore } from "../lib/store/retrying_store.ts";
import { saveFace } from "../lib/store/save_face.ts";
import type { Store } from "../lib/store/store.ts";
import {
  brokerAddress,
  BUS_SETTINGS,
  certificateAuthority,
  openBus,
  qosOf,
  wrongName,
} from "../lib/wiring/bus.ts";
import type { Log } from "../lib/log.ts";
import { openRetryPolicy } from "../lib/wiring/saving.ts";
import { openSetAside, SET_ASIDE_SETTINGS } from "../lib/wiring/rejected_messages.ts";
import { grouped, number, text } from "../lib/settings/declare.ts";
import { openStoreOf, storeSettings } from "../lib/wiring/store.ts";
import { program, start } from "../lib/program/program.ts";

const RECENT = 1_000;

const settings = {
  broker: brokerAddress({ help: "address of the cloud's broker", fallback: "mqtt://127.0.0.1:1883" }),
  brokerCa: certificateAuthority("broker"),
  ...BUS_SETTINGS,
  ...grouped("delivery", {
    maxMessage: number({
      help: "reject messages larger than this",
      min: 1,
      max: 256,
      unit: "MiB",
      fallback: "16",
    }),
    waiting: number({
      help: "maximum number of messages waiting to be stored; beyond it they are dropped",
      details: "A dropped message has no receipt, so its sender sends it again.",
      min: 1,
      max: 100_000,
      fallback: "256",
    }),
    group: text({
      help: "name of a group of savers that share the faces",
      details: "Without it, each saver stores every face.",
      placeholder: "NAME",
      check: wrongName,
    }),
  }),
  ...storeSettings,
  ...grouped("storage", {
    key: text({
      help: "template of the object keys",
      details: `Fields: ${fieldNames()}.`,
      placeholder: "TEMPLATE",
      fallback: DEFAULT_KEY,
    }),
    puts: number({ help: "maximum number of concurrent puts", min: 1, max: 256, fallback: "16" }),
  }),
  ...SET_ASIDE_SETTINGS,
};

export const saver = program({
  name: "saver",
  settings,
  basics: ["broker", "brokerCa", "topic", "store", "s3Endpoint", "s3Region", "key", "group"],
  examples: ["--broker mqtt://127.0.0.1:1883 --store s3://my-bucket/faces", "--store ./faces"],

  async run(settings, { signal, log, health }) {
    const store = openStoreOf(settings, {
      onUnsupported: (what) => log.warn(`the store does not support ${what}`, { store: store.name }),
    });
    const template = new KeyTemplate(settings.key);
    await checked(store, { signal, log, ifAbsent: !template.unique });
    const setAside = openSetAside(settings, log);
    const { broker: address, brokerCa: ca, topic } = settings;
    const bus = await openBus({ role: "broker", address, ca, settings, worker: "saver", log, health });
    const qos = qosOf(settings);
    const count = { stored: 0, refused: 0, dropped: 0 };
    health.counts(() => count);
    /** A copy of a message that was stored a moment ago needs a receipt, not a second put. */
    const stored = new RecentIds(RECENT);
    const receipt = async (receipt: Receipt) => {
      // A receipt that is lost comes again with the face that it is for.
      await bus.publish(receiptTopic(topic), formatReceipts([receipt]), { qos }).catch(() => {});
    };
    const onDropped = (message: Message) => {
      retrying.dropped(message);
      if (count.dropped++ === 0) log.warn("too many messages wait; some are dropped and will come again");
    };
    const stop = new AbortController();
    const until = AbortSignal.any([signal, stop.signal]);
    const waiting = new MessageQueue({ qos, signal: until, maxWaiting: settings.waiting, onDropped });
    const retrying = new RetryingStore<Message>({
      policy: openRetryPolicy(store, log, health.component("store")),
      maxWaiting: settings.waiting,
      requeue: (message) => waiting.push(message),
      onDropped,
      signal: until,
    });
    const save = async (id: string, message: Message) => {
      const { payload, isRetained } = message;
      if (payload.length > settings.maxMessage * 2 ** 20) {
        throw new RejectedMessageError("larger than --max-message");
      }
      const face = readFace(payload);
      // The time of its arrival says nothing about a message that the broker kept: it would be stored at each start.
      if (isRetained && !face.metadata) {
        return log.info("passed over a retained picture: it is not new", { id });
      }
      const arrivedMs = Date.now();
      const put = (signal: AbortSignal) => saveFace(store, face, { template, arrivedMs, signal });
      const key = await retrying.save(id, message, put, { signal });
      if (key === undefined) return;
      count.stored++;
      stored.add(id);
      log.debug("stored", { key, bytes: payload.length });
      await receipt({ id });
    };
    const take = async (message: Message) => {
      const id = identity(message.payload);
      if (stored.has(id)) return await receipt({ id });
      await retrying.once(id, message, () =>
        save(id, message).catch(async (error) => {
          if (!(error instanceof RejectedMessageError)) throw error;
          count.refused++;
          log.warn(`refused a message: ${messageOf(error)}`, { bytes: message.payload.length, id });
          await setAside(id, message.payload, messageOf(error));
          await receipt({ id, refused: messageOf(error) });
        }));
    };
    const receive = async () => {
      const { group, waiting: maxWaiting } = settings;
      const messages = bus.messages(topic, { qos, signal: until, group, maxWaiting, onDropped });
      for await (const message of messages) waiting.push(message);
    };

    try {
      const storing = forEachConcurrent(waiting.take(), settings.puts, take).finally(() => stop.abort());
      await Promise.all([receive(), storing]);
      log.info("done", count);
    } finally {
      await bus.close();
    }
  },
});

/** Looks at the store before the first message: settings that are wrong end the program, a store that is away does not. */
async function checked(
  store: Store,
  { log, ...how }: { signal: AbortSignal; log: Log; ifAbsent: boolean },
): Promise<void> {
  try {
    await store.check(how);
  } catch (error) {
    if (error instanceof ConfigError || error instanceof FatalError) throw error;
    log.warn(`the store does not answer yet: ${messageOf(error)}`);
  }
}

if (import.meta.main) await start(saver);
