/**
 * forwarder: faces from the broker on the board up to the one in the cloud, receipts down again.
 * It keeps nothing: what cannot be handed on at once is dropped, and comes again from the detector's outbox.
 */
import type { Bus, Message } from "../lib/bus/bus.ts";
import { checkAddressesDiffer, checkNoLoop } from "../lib/bus/loop_check.ts";
import { Uplink } from "../lib/bus/uplink.ts";
import { forEachConcurrent } from "../lib/async/for_each_concurrent.ts";
import { messageOf, RejectedMessageError } from "../lib/errors.ts";
import { identity } from "../lib/face/face_file.ts";
import { formatReceipts } from "../lib/face/receipt.ts";
import { loopTopic, receiptTopic } from "../lib/face/topics.ts";
import {
  brokerAddress,
  BUS_SETTINGS,
  certificateAuthority,
  deviceName,
  openBus,
  qosOf,
} from "../lib/wiring/bus.ts";
import { grouped, number } from "../lib/settings/declare.ts";
import { program, start } from "../lib/program/program.ts";

const settings = {
  edge: brokerAddress({ help: "address of the board's broker", fallback: "mqtt://127.0.0.1:1883" }),
  edgeCa: certificateAuthority("edge"),
  cloud: brokerAddress({ help: "address of the cloud's broker", fallback: "mqtt://127.0.0.1:30003" }),
  cloudCa: certificateAuthority("cloud"),
  ...BUS_SETTINGS,
  ...grouped("delivery", {
    maxMessage: number({
      help: "reject messages larger than this",
      min: 1,
      max: 256,
      unit: "MiB",
      fallback: "16",
    }),
    inFlight: number({
      help: "maximum number of messages in transit in each direction",
      details:
        "Beyond it, messages wait in memory; a message that finds no room there is dropped and sent again.",
      min: 1,
      max: 1000,
      fallback: "32",
    }),
  }),
};

export const forwarder = program({
  name: "forwarder",
  settings,
  basics: ["edge", "edgeCa", "cloud", "cloudCa", "topic", "device"],
  examples: ["--edge mqtt://127.0.0.1:1883 --cloud mqtts://cloud.example:8883"],

  async run(settings, { signal, log, health }) {
    checkAddressesDiffer(settings.edge, settings.cloud);
    const link = (end: "edge" | "cloud", onDown?: () => void) =>
      openBus({
        role: `${end} broker`,
        link: end,
        address: settings[end],
        ca: settings[`${end}Ca`],
        settings,
        worker: "forwarder",
        log,
        health,
        onDown,
      });
    const [edge, cloud] = await Promise.all([link("edge"), link("cloud", () => uplink.disconnected())]);
    const qos = qosOf(settings);
    const maxBytes = settings.maxMessage * 2 ** 20;
    const uplink = new Uplink(cloud, { qos, maxBytes });
    const count = { faces: 0, receipts: 0, dropped: 0, refused: 0 };
    health.counts(() => count);
    const failed = new AbortController();
    const until = AbortSignal.any([signal, failed.signal]);

    const handOn = (
      from: Bus,
      topic: string,
      kind: "faces" | "receipts",
      work: (message: Message) => Promise<void>,
    ) =>
      forEachConcurrent(
        from.messages(topic, { qos, signal: until, onDropped: () => count.dropped++ }),
        settings.inFlight,
        async (message) => {
          try {
            await work(message);
            count[kind]++;
          } catch (error) {
            const isRefused = error instanceof RejectedMessageError;
            count[isRefused ? "refused" : "dropped"]++;
            log[isRefused ? "warn" : "debug"](`not handed on: ${messageOf(error)}`, {
              topic,
              bytes: message.payload.length,
            });
          }
        },
      );

    const faceUp = async (message: Message) => {
      // What a broker kept from earlier is no new face; whoever it is for has it, or asks there.
      if (message.isRetained) throw new Error("a retained message");
      try {
        await uplink.forward(message);
      } catch (error) {
        if (error instanceof RejectedMessageError) await refuse(identity(message.payload), error.message);
        throw error;
      }
    };
    /** Says so to the sender as the saver would; a receipt that is lost comes again with its face. */
    const refuse = (id: string, refused: string) =>
      edge.publish(receiptTopic(settings.topic), formatReceipts([{ id, refused }]), { qos }).catch(() => {});
    const receiptDown = async ({ topic, payload }: Message) => {
      if (payload.length > maxBytes) throw new RejectedMessageError("larger than --max-message");
      await edge.publish(topic, payload, { qos });
    };

    try {
      const loop = checkNoLoop(edge, cloud, {
        topic: loopTopic(deviceName(settings.device)),
        address: settings.cloud,
        signal: until,
      }).catch((error) => {
        failed.abort();
        throw error;
      });
      await Promise.all([
        loop,
        handOn(edge, settings.topic, "faces", faceUp),
        handOn(cloud, receiptTopic(settings.topic), "receipts", receiptDown),
      ]);
      log.info("done", count);
    } finally {
      failed.abort();
      await Promise.all([edge.close(), cloud.close()]);
    }
  },
});

if (import.meta.main) await start(forwarder);
