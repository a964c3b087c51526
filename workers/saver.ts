/**
 * saver: from the cloud's broker into a store. Sends a receipt when a face is stored durably, and when a message can
 * never be stored, so that its sender stops resending it.
 */
import { either } from "../lib/async/either.ts";
import { forEachConcurrent } from "../lib/async/for_each_concurrent.ts";
import { isTrial, type Message } from "../lib/bus/bus.ts";
import { RejectedMessageError } from "../lib/errors.ts";
import { identity } from "../lib/face/face_file.ts";
import { formatReceipts, type Receipt } from "../lib/face/receipt.ts";
import { RecentIds } from "../lib/face/recent_ids.ts";
import { receiptTopic } from "../lib/face/topics.ts";
import { program, start } from "../lib/program/program.ts";
import { grouped, number, text } from "../lib/settings/declare.ts";
import {
  brokerAddress,
  BUS_METRICS,
  BUS_SETTINGS,
  certificateAuthority,
  MESSAGE_SETTINGS,
  openBus,
  qosOf,
  wrongName,
} from "../lib/wiring/bus.ts";
import { keepFaces, KEEPING_METRICS, KEEPING_SETTINGS } from "../lib/wiring/keeping.ts";
import { MESSAGE_METRICS } from "../lib/wiring/message_metrics.ts";
import { objectKey } from "../lib/wiring/object_key.ts";
import { withPreset } from "../lib/wiring/preset.ts";
import { openRejectedMessages, REJECTED_SETTINGS } from "../lib/wiring/rejected_messages.ts";
import { saverStatus } from "../lib/wiring/saver_status.ts";
import { openTarget, Saving, SAVING_METRICS } from "../lib/wiring/saving.ts";
import { STORE_SETTINGS } from "../lib/wiring/store.ts";

/** Number of stored faces whose copies get a receipt without another put. */
const RECENT = 1_000;

const SETTINGS = withPreset({
  broker: brokerAddress({ help: "address of the cloud's broker", fallback: "mqtt://127.0.0.1:1883" }),
  brokerCa: certificateAuthority("broker"),
  ...BUS_SETTINGS,
  ...MESSAGE_SETTINGS,
  ...grouped("delivery", {
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
  ...STORE_SETTINGS,
  ...grouped("storage", {
    key: objectKey({ help: "template of the object keys" }),
    puts: number({ help: "maximum number of concurrent puts", min: 1, max: 256, fallback: "16" }),
  }),
  ...KEEPING_SETTINGS,
  ...REJECTED_SETTINGS,
});

export const saver = program({
  name: "saver",
  settings: SETTINGS,
  basics: ["broker", "brokerCa", "store", "s3Endpoint", "s3Region", "key", "keepDays", "preset"],
  metrics: [SAVING_METRICS, MESSAGE_METRICS, KEEPING_METRICS, BUS_METRICS],
  examples: ["--broker mqtt://127.0.0.1:1883 --store s3://my-bucket/faces", "--store ./faces"],

  async run(settings, { signal, log, health, status }) {
    const { broker: address, brokerCa: ca, topic, group, waiting: maxWaiting } = settings;
    const target = await openTarget(settings, { signal, log });
    const keepRejected = openRejectedMessages(settings, log);
    const bus = await openBus({ role: "broker", address, ca, settings, worker: "saver", log, health });
    const qos = qosOf(settings);
    const stop = new AbortController();
    const until = either(signal, stop.signal);
    const saving = new Saving(target, settings, { log, health, signal: until });
    const stored = new RecentIds(RECENT);
    status.show(saverStatus(target.store.name, health));

    const receive = async () => {
      const options = { qos, signal: until, group, maxWaiting, onDropped: saving.onDropped };
      for await (const message of bus.messages(topic, options)) {
        if (!isTrial(message)) saving.push(message);
      }
    };
    const take = async (message: Message) => {
      const id = identity(message.payload);
      if (stored.has(id)) return await sendReceipt({ id });
      await saving.once(id, message, () => save(id, message).catch((error) => reject(id, message, error)));
    };
    const save = async (id: string, message: Message) => {
      if (await saving.save(id, message) === undefined) return;
      stored.add(id);
      await sendReceipt({ id });
    };
    const reject = async (id: string, { payload }: Message, error: unknown) => {
      if (!(error instanceof RejectedMessageError)) throw error;
      saving.metrics.rejected.add(error.reason);
      log.warn(`rejected a message: ${error.message}`, { bytes: payload.length, id });
      await keepRejected(id, payload, error.message);
      await sendReceipt({ id, refused: error.message });
    };
    // A receipt that is lost is sent again when a copy of its message arrives.
    const sendReceipt = (receipt: Receipt) =>
      bus.publish(receiptTopic(topic), formatReceipts([receipt]), { qos }).then(
        () => saving.metrics.receipts.add(receipt.refused === undefined ? "stored" : "refused"),
        () => {},
      );

    try {
      const storing = forEachConcurrent(saving.take(), settings.puts, take).finally(() => stop.abort());
      const keeping = keepFaces({ ...target, keepDays: settings.keepDays }, { signal: until, log, health });
      await Promise.all([receive(), storing, keeping]);
      log.info("done", health.done);
    } finally {
      await bus.close();
    }
  },
});

if (import.meta.main) await start(saver);
