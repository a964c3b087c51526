/** A bus on a real broker, and its link changes. For tests. */
import { needs } from "../../test/needs.ts";
import { Mosquitto } from "../../test/servers/mosquitto.ts";
import { Backoff } from "../async/backoff.ts";
import { startLimit } from "../async/limit.ts";
import type { Bus, LinkChange, Message, QoS } from "../bus/bus.ts";
import { openMqttBus } from "../bus/mqtt_bus.ts";
import { startEmbeddedBroker } from "../demo/embedded_broker.ts";

/** The kinds of broker, and how to start one. */
export const KINDS: [string, () => Promise<AsyncDisposable & { url: string }>, { ignore?: boolean }][] = [
  ["Mosquitto", () => Mosquitto.start(), needs("mosquitto")],
  ["the embedded broker", startEmbeddedBroker, {}],
];

/** What a test waits for comes within this time. */
const LIMIT_MS = 60_000;

let clients = 0;

export interface TestBus extends Bus, AsyncDisposable {
  readonly changes: LinkChange[];
  /** Resolves as soon as the changes fulfil the condition; rejects after 60 s. */
  until(condition: (changes: readonly LinkChange[]) => boolean): Promise<void>;
}

/** Collects link changes, and resolves when they fulfil a condition. */
export function collectChanges() {
  const changes: LinkChange[] = [];
  const checks = new Set<() => void>();
  const onLink = (change: LinkChange) => {
    changes.push(change);
    for (const check of checks) check();
  };
  const until = (condition: (changes: readonly LinkChange[]) => boolean) =>
    new Promise<void>((resolve, reject) => {
      const stop = startLimit(LIMIT_MS, () => {
        reject(new Error(`within ${LIMIT_MS / 1000} s the link changed only so: ${JSON.stringify(changes)}`));
      });
      const check = () => {
        if (!condition(changes)) return;
        stop();
        resolve();
      };
      checks.add(check);
      check();
    });
  return { changes, onLink, until };
}

/** Opens a bus whose client identifier is unique in the test. */
export function openTestBus(url: string, name = `client-${++clients}`): TestBus {
  const { changes, onLink, until } = collectChanges();
  const bus = openMqttBus({
    url: new URL(url),
    clientId: name,
    statusTopic: `haarlem/test/${name}/status`,
    backoff: new Backoff({ firstMs: 50, maxMs: 200 }),
    onLink,
  });
  return Object.assign(bus, { changes, until, [Symbol.asyncDispose]: () => bus.close() });
}

/** Takes a number of messages of a topic; throws after 60 s. */
export async function take(bus: Bus, topic: string, count: number, qos: QoS = 1): Promise<Message[]> {
  const messages: Message[] = [];
  for await (const message of bus.messages(topic, { qos, signal: AbortSignal.timeout(LIMIT_MS) })) {
    if (messages.push(message) === count) return messages;
  }
  throw new Error(`within ${LIMIT_MS / 1000} s only ${messages.length} messages of ${topic} came`);
}

/** Resolves when the bus is connected; rejects after 60 s. */
export const connected = (bus: Bus) => bus.ready({ signal: AbortSignal.timeout(LIMIT_MS) });

/** Resolves when the broker has the subscriptions of a bus: it handles the packets of a connection in order. */
export const subscribed = (bus: Bus) => bus.publish("haarlem/test/subscribed", new Uint8Array(1), { qos: 1 });
export const isDown = (changes: readonly LinkChange[]) => changes.at(-1)?.up === false;
