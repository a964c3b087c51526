/** A bus on a real broker, and its link changes. For tests. */
import { needs } from "../../test/needs.ts";
import { Mosquitto } from "../../test/servers/mosquitto.ts";
import { Backoff } from "../async/backoff.ts";
import type { Bus, LinkChange, Message, QoS } from "../bus/bus.ts";
import { openMqttBus } from "../bus/mqtt_bus.ts";
import { startEmbeddedBroker } from "../demo/embedded_broker.ts";

/** The kinds of broker, and how to start one. */
export const KINDS: [string, () => Promise<AsyncDisposable & { url: string }>, { ignore?: boolean }][] = [
  ["Mosquitto", () => Mosquitto.start(), needs("mosquitto")],
  ["the embedded broker", startEmbeddedBroker, {}],
];

let clients = 0;

export interface TestBus extends Bus, AsyncDisposable {
  readonly changes: LinkChange[];
  /** Resolves as soon as the changes fulfil the condition. */
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
    new Promise<void>((resolve) => {
      const check = () => {
        if (condition(changes)) resolve();
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

/** Takes a number of messages of a topic. */
export async function take(bus: Bus, topic: string, count: number, qos: QoS = 1): Promise<Message[]> {
  const enough = new AbortController();
  const messages: Message[] = [];
  for await (const message of bus.messages(topic, { qos, signal: enough.signal })) {
    if (messages.push(message) === count) break;
  }
  return messages;
}

/** Resolves when the broker has the subscriptions of a bus: it handles the packets of a connection in order. */
export const subscribed = (bus: Bus) => bus.publish("haarlem/test/subscribed", new Uint8Array(1), { qos: 1 });
export const isDown = (changes: readonly LinkChange[]) => changes.at(-1)?.up === false;
export const never = new AbortController().signal;
