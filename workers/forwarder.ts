/**
 * forwarder: faces from the broker on the board up to the one in the cloud, receipts down again.
 * It keeps nothing: what cannot be handed on at once is dropped, and comes again from the detector's outbox.
 */
import type { Bus, Message, QoS } from "../lib/bus/bus.ts";
import { forEachConcurrently } from "../lib/concurrently.ts";
import { UsageError } from "../lib/errors.ts";
import { loopTopic, receiptTopic } from "../lib/face/topics.ts";
import { sleep } from "../lib/retry.ts";
import {
  brokerAddress,
  BUS_SETTINGS,
  certificateAuthority,
  deviceName,
  openBus,
  qosOf,
} from "../lib/worker/bus_settings.ts";
import { number } from "../lib/worker/settings.ts";
import { program, start } from "../lib/worker/worker.ts";

const LOOP_CALLS = 3;
const LOOP_LISTEN_MS = 500;

const settings = {
  edge: brokerAddress({ help: "the broker on the board", fallback: "mqtt://127.0.0.1:1883" }),
  edgeCa: certificateAuthority("edge"),
  cloud: brokerAddress({ help: "the broker in the cloud", fallback: "mqtt://127.0.0.1:30003" }),
  cloudCa: certificateAuthority("cloud"),
  ...BUS_SETTINGS,
  maxMessage: number({
    help: "a larger message is not handed on",
    min: 1,
    max: 256,
    unit: "MiB",
    fallback: "16",
  }),
  inFlight: number({
    help: "messages handed on at a time in each direction",
    min: 1,
    max: 1000,
    fallback: "32",
  }),
};

export const forwarder = program({
  name: "forwarder",
  summary: "hands faces on to the broker in the cloud, and receipts back",
  settings,
  examples: ["--edge mqtt://127.0.0.1:1883 --cloud mqtts://cloud.example:8883"],

  async run(settings, { signal, log, health }) {
    if (sameBroker(settings.edge, settings.cloud)) throw loopError(settings.cloud);
    const link = (end: "edge" | "cloud") =>
      openBus({
        role: `${end} broker`,
        link: end,
        address: settings[end],
        ca: settings[`${end}Ca`],
        settings,
        worker: "forwarder",
        log,
        health,
      });
    const [edge, cloud] = await Promise.all([link("edge"), link("cloud")]);
    const qos = qosOf(settings);
    const maxBytes = settings.maxMessage * 2 ** 20;
    const count = { faces: 0, receipts: 0, dropped: 0 };
    health.counts(() => count);
    const failed = new AbortController();
    const until = AbortSignal.any([signal, failed.signal]);

    const handOn = (from: Bus, to: Bus, topic: string, kind: "faces" | "receipts") =>
      forEachConcurrently(
        from.messages(topic, { qos, signal: until, onDropped: () => count.dropped++ }),
        settings.inFlight,
        async (message) => {
          const reason = await handOver(message, to, qos, maxBytes);
          if (reason === undefined) return void count[kind]++;
          count.dropped++;
          const tooLarge = message.payload.length > maxBytes;
          log[tooLarge ? "warn" : "debug"](`not handed on: ${reason}`, {
            topic,
            bytes: message.payload.length,
          });
        },
      );

    try {
      const refused = refuseLoop(edge, cloud, settings, until).catch((error) => {
        failed.abort();
        throw error;
      });
      await Promise.all([
        refused,
        handOn(edge, cloud, settings.topic, "faces"),
        handOn(cloud, edge, receiptTopic(settings.topic), "receipts"),
      ]);
      log.info("done", count);
    } finally {
      failed.abort();
      await Promise.all([edge.close(), cloud.close()]);
    }
  },
});

/** Publishes a message on the other side; returns why it could not, or nothing. */
async function handOver(
  { topic, payload }: Message,
  to: Bus,
  qos: QoS,
  maxBytes: number,
): Promise<string | undefined> {
  if (payload.length > maxBytes) return "larger than --max-message";
  try {
    await to.publish(topic, payload, { qos });
  } catch (error) {
    return (error as Error).message;
  }
}

/** One broker under two names would carry every message round for ever: say something there, listen for it here. */
async function refuseLoop(
  edge: Bus,
  cloud: Bus,
  settings: { readonly device?: string; readonly cloud: string },
  signal: AbortSignal,
): Promise<void> {
  const topic = `${loopTopic(deviceName(settings.device))}/${crypto.randomUUID()}`;
  const over = new AbortController();
  const until = AbortSignal.any([signal, over.signal]);
  let heard = false;
  const listen = async () => {
    for await (const _ of edge.messages(topic, { qos: 1, signal: until })) {
      heard = true;
      over.abort();
    }
  };
  const speak = async () => {
    for (let time = 1; time <= LOOP_CALLS && !until.aborted; time++) {
      await edge.ready({ signal: until });
      await cloud.ready({ signal: until });
      await cloud.publish(topic, new Uint8Array(1), { qos: 1 });
      await sleep(LOOP_LISTEN_MS, { signal: until });
    }
  };
  // A broker that goes away meanwhile is no loop; nor is there one when we are told to stop.
  await Promise.all([listen(), speak().catch(() => {}).finally(() => over.abort())]);
  if (heard) throw loopError(settings.cloud);
}

function sameBroker(edge: string, cloud: string): boolean {
  const place = (address: string) => {
    const url = new URL(address);
    return `${url.hostname.replace(/^localhost$/, "127.0.0.1")}:${
      url.port || (url.protocol === "mqtts:" ? 8883 : 1883)
    }`;
  };
  return place(edge) === place(cloud);
}

function loopError(address: string): UsageError {
  return new UsageError(
    `--edge and --cloud are the same broker, ${new URL(address).host}: messages would go round for ever`,
    "leave the forwarder away and let the saver listen to that broker",
  );
}

if (import.meta.main) await start(forwarder);
