/**
 * notifier: sends a message for each visit, once its face is stored. It reads faces and receipts from a broker; only a
 * receipt makes a face a message, so that nobody is called to a face that does not exist.
 */
import { either } from "../lib/async/either.ts";
import { receiptTopic } from "../lib/face/topics.ts";
import { UNSTORED_LIMITS } from "../lib/notify/unstored_faces.ts";
import { program, start } from "../lib/program/program.ts";
import {
  brokerAddress,
  BUS_METRICS,
  BUS_SETTINGS,
  certificateAuthority,
  openBus,
  qosOf,
  reconnect,
} from "../lib/wiring/bus.ts";
import { missingVisits } from "../lib/wiring/missing_visits.ts";
import { NOTICE_METRICS } from "../lib/wiring/notice_metrics.ts";
import { NOTICE_SETTINGS, openNotifying } from "../lib/wiring/notifying.ts";

/** Size of the messages that wait to be read; beyond it they are dropped, and their visits are not sent. */
const MAX_WAITING_BYTES = 16 * 2 ** 20;
/** Receipts are short, so that a part of the network's buffer holds hundreds: as many as faces that wait for one. */
const MAX_RECEIPTS = UNSTORED_LIMITS.maxFaces;

const SETTINGS = {
  broker: brokerAddress({ help: "address of the broker", fallback: "mqtt://127.0.0.1:1883" }),
  brokerCa: certificateAuthority("broker"),
  ...BUS_SETTINGS,
  // No broker keeps messages for a notifier: after an outage it has to be back before a saver, which takes up to 30 s.
  reconnect: reconnect({ fallback: "1" }),
  ...NOTICE_SETTINGS,
};

export const notifier = program({
  name: "notifier",
  settings: SETTINGS,
  basics: ["broker", "brokerCa", "ntfy", "telegram", "pushover", "webhook", "routes", "quiet"],
  metrics: [NOTICE_METRICS, BUS_METRICS],
  examples: [
    "--ntfy https://ntfy.sh/my-topic",
    "--telegram 123456789 --quiet 22:00-07:00",
    "--ntfy https://ntfy.sh/my-topic --webhook https://home.example/hook --routes 'front=ntfy,webhook *=webhook'",
  ],

  async run(settings, { signal, log, health }) {
    const { broker: address, brokerCa: ca, topic } = settings;
    const ended = new AbortController();
    const until = either(signal, ended.signal);
    const { notices, missed, run } = await openNotifying(settings, { signal: until, log, health });
    const bus = await openBus({
      role: "broker",
      address,
      ca,
      settings,
      worker: "notifier",
      log,
      health,
      onBack: missingVisits(log),
    });
    const options = {
      qos: qosOf(settings),
      signal: until,
      maxWaitingBytes: MAX_WAITING_BYTES,
      onDropped: missed,
    };
    const faces = async () => {
      for await (const { isRetained, payload } of bus.messages(topic, options)) {
        if (!isRetained) notices.face(payload); // A retained message is not a new face.
      }
    };
    const receipts = async () => {
      const all = { ...options, maxWaiting: MAX_RECEIPTS };
      for await (const { payload } of bus.messages(receiptTopic(topic), all)) notices.receipts(payload);
    };
    try {
      await Promise.all([faces(), receipts(), run()]);
    } finally {
      ended.abort();
      await bus.close();
    }
  },
});

if (import.meta.main) await start(notifier);
