/**
 * forwarder: from the board's broker to the cloud's, and receipts back. It stores nothing: a face that cannot be
 * forwarded now is dropped, and the detector sends it again from its outbox.
 */
import { either } from "../lib/async/either.ts";
import { forEachConcurrent } from "../lib/async/for_each_concurrent.ts";
import { type Bus, isTrial, type Message } from "../lib/bus/bus.ts";
import { checkAddressesDiffer, checkNoLoop } from "../lib/bus/loop_check.ts";
import { StateUplink } from "../lib/bus/state_uplink.ts";
import { Uplink } from "../lib/bus/uplink.ts";
import { messageOf, RejectedMessageError } from "../lib/errors.ts";
import { MAX_STATE_BYTES } from "../lib/face/detector_state.ts";
import { identity } from "../lib/face/face_file.ts";
import { formatReceipts } from "../lib/face/receipt.ts";
import { ALL_STATES, loopTopic, receiptTopic, senderOf } from "../lib/face/topics.ts";
import { program, start } from "../lib/program/program.ts";
import { grouped, number } from "../lib/settings/declare.ts";
import {
  brokerAddress,
  BUS_METRICS,
  BUS_SETTINGS,
  certificateAuthority,
  deviceName,
  MESSAGE_SETTINGS,
  openBus,
  qosOf,
  reconnect,
} from "../lib/wiring/bus.ts";
import { FORWARDER_METRICS, forwarderStatus } from "../lib/wiring/forwarder_status.ts";
import { MESSAGE_METRICS } from "../lib/wiring/message_metrics.ts";
import { withPreset } from "../lib/wiring/preset.ts";

const SETTINGS = withPreset({
  edge: brokerAddress({ help: "address of the board's broker", fallback: "mqtt://127.0.0.1:1883" }),
  edgeCa: certificateAuthority("edge"),
  cloud: brokerAddress({ help: "address of the cloud's broker", fallback: "mqtt://127.0.0.1:30003" }),
  cloudCa: certificateAuthority("cloud"),
  ...BUS_SETTINGS,
  ...MESSAGE_SETTINGS,
  ...grouped("delivery", {
    inFlight: number({
      help: "maximum number of messages in transit in each direction",
      details:
        "Beyond it, at most 256 messages or 64 MiB wait in memory; further ones are dropped and sent again.",
      min: 1,
      max: 1000,
      fallback: "32",
    }),
  }),
  reconnect: reconnect({ fallback: "30" }),
});

export const forwarder = program({
  name: "forwarder",
  settings: SETTINGS,
  basics: ["edge", "edgeCa", "cloud", "cloudCa", "topic", "device", "preset"],
  metrics: [FORWARDER_METRICS, MESSAGE_METRICS, BUS_METRICS],
  examples: ["--edge mqtt://127.0.0.1:1883 --cloud mqtts://cloud.example:8883"],

  async run(settings, { signal, log, health, status }) {
    checkAddressesDiffer(settings.edge, settings.cloud);
    const open = (link: "edge" | "cloud", onDown?: () => void) => {
      const [role, address, ca] = [`${link} broker`, settings[link], settings[`${link}Ca`]];
      return openBus({ role, link, address, ca, settings, worker: "forwarder", log, health, onDown });
    };
    const [edge, cloud] = await Promise.all([
      open("edge"),
      open("cloud", () => {
        uplink.disconnected();
        states.disconnected();
      }),
    ]);
    const qos = qosOf(settings);
    const maxBytes = settings.maxMessage * 2 ** 20;
    const uplink = new Uplink(cloud, { qos, maxBytes });
    const states = new StateUplink(cloud, {
      onPaused: () =>
        log.warn(
          "the connection to the cloud's broker breaks whenever a detector's state is sent; none is sent for an hour. " +
            `Try: let the account of this board publish "${ALL_STATES}"`,
        ),
    });
    const receipts = receiptTopic(settings.topic);
    let inFlight = 0;
    const metrics = health.metrics.add({ ...FORWARDER_METRICS, ...MESSAGE_METRICS }, {
      inFlight: () => inFlight,
    });
    status.show(forwarderStatus(health));
    const failed = new AbortController();
    const until = either(signal, failed.signal);

    /** Forwards the messages of a topic, several at a time, until the program is to stop. */
    const forwardAll = (
      from: Bus,
      topic: string,
      kind: "faces" | "receipts" | "states",
      forward: Forward,
    ) => {
      const onDropped = () => metrics.dropped.add();
      const messages = from.messages(topic, { qos, signal: until, onDropped });
      return forEachConcurrent(messages, settings.inFlight, async (message) => {
        if (kind !== "states" && isTrial(message)) return;
        inFlight++;
        try {
          await forward(message);
          metrics.forwarded.add(kind);
        } catch (error) {
          const isRejected = error instanceof RejectedMessageError;
          if (isRejected) metrics.rejected.add(error.reason);
          else metrics.dropped.add();
          const level = isRejected ? "warn" : "debug";
          log[level](`cannot forward a message: ${messageOf(error)}`, {
            topic,
            bytes: message.payload.length,
          });
        } finally {
          inFlight--;
        }
      });
    };
    const forwardFace = async (message: Message) => {
      // A retained message is not a new face: its sender has the receipt, or sends the face again.
      if (message.isRetained) throw new Error("it is retained");
      try {
        await uplink.forward(message);
      } catch (error) {
        if (error instanceof RejectedMessageError) await reject(identity(message.payload), error.message);
        throw error;
      }
    };
    /** Sends the receipt that a saver would send; when it is lost, the face arrives again and is rejected again. */
    const reject = (id: string, refused: string) =>
      edge.publish(receipts, formatReceipts([{ id, refused }]), { qos }).catch(() => {});
    const forwardReceipt = async ({ topic, payload }: Message) => {
      if (payload.length > maxBytes) throw new RejectedMessageError("larger than --max-message", "too_large");
      await edge.publish(topic, payload, { qos });
    };
    /** The state of a detector, kept by the cloud's broker as well. */
    const forwardState = async ({ topic, payload }: Message) => {
      if (!senderOf(topic) || payload.length > MAX_STATE_BYTES) {
        throw new Error("it is no state of a program");
      }
      await states.forward(topic, payload);
    };

    try {
      const topic = loopTopic(deviceName(settings.device));
      await Promise.all([
        checkNoLoop(edge, cloud, { topic, address: settings.cloud, signal: until })
          .then(() => forwardAll(edge, ALL_STATES, "states", forwardState)),
        forwardAll(edge, settings.topic, "faces", forwardFace),
        forwardAll(cloud, receipts, "receipts", forwardReceipt),
      ]);
      log.info("done", health.done);
    } finally {
      failed.abort();
      await Promise.all([edge.close(), cloud.close()]);
    }
  },
});

type Forward = (message: Message) => Promise<void>;

if (import.meta.main) await start(forwarder);
