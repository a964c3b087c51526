/**
 * The bus over MQTT 3.1.1, by MQTT.js. Each connection is a new client with a clean session: MQTT.js would keep
 * unacknowledged messages in memory and resend them beside the outbox, and it reconnects at a fixed interval.
 */
import { type IClientOptions, mqtt, type MqttClient } from "./mqtt.ts";
import { messageOf } from "../errors.ts";
import { Backoff } from "../async/backoff.ts";
import { abortable, atMost, delay } from "../async/delay.ts";
import type { Bus, LinkChange, Message, QoS, StreamOptions } from "./bus.ts";
import { FlapDetector } from "./flap_detector.ts";
import { LinkFaults } from "./link_faults.ts";
import { CLOSED, knownReason, mqttAddress, REFUSALS } from "./mqtt_errors.ts";
import { MessageQueue } from "./message_queue.ts";
import { Namesakes } from "./namesakes.ts";
import { matchesFilter } from "./topic_filter.ts";

const KEEPALIVE_S = 15;
const CONNECT_TIMEOUT_MS = 5_000;
/** How long the status `offline` and the end of the connection are awaited. */
const CLOSE_MS = 2_000;

/** How to reach a broker, and what to publish there. */
export interface MqttBusOptions {
  /** `mqtt://[user:password@]host[:1883]` or `mqtts://…[:8883]`. */
  readonly url: URL;
  /** Unique at the broker: two clients with one identifier would end each other's connections again and again. */
  readonly clientId: string;
  /** The topic of the retained status: `online` while connected, `offline` otherwise. */
  readonly statusTopic: string;
  /** The topic where namesakes find each other; without it none is looked for. */
  readonly nameTopic?: string;
  /** Called once for each namesake that was connected before. */
  readonly onNamesake?: () => void;
  /** PEM texts for TLS. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  /** The setting with the authority's certificate, for error messages. */
  readonly caSetting?: string;
  readonly backoff?: Pick<Backoff, "next">;
  /** The same after an attempt whose user name or password the broker refuses: trying often may lock the account. */
  readonly refusal?: Pick<Backoff, "next">;
  /** Called for every connection and every failure, including repeated ones. */
  readonly onLink?: (change: LinkChange) => void;
  /** Called when a failure is over: on connection, and after flapping once a connection is stable. */
  readonly onRecovered?: () => void;
}

/** Opens a bus that connects, and reconnects, until it is closed. */
export function openMqttBus(options: MqttBusOptions): Bus {
  return new MqttBus(options);
}

class MqttBus implements Bus {
  readonly #options: MqttBusOptions;
  readonly #streams = new Map<string, { queue: MessageQueue; qos: QoS; filter: string }>();
  readonly #closing = new AbortController();
  readonly #running: Promise<void>;
  readonly #faults: LinkFaults;
  readonly #flaps: FlapDetector;
  readonly #namesakes = new Namesakes({
    publish: (text) => this.#client?.publish(this.#options.nameTopic!, text, { qos: 0 }),
    onNamesake: () => this.#options.onNamesake?.(),
  });
  #client: MqttClient | undefined;
  /** Rejects the publishes under way when the connection breaks. (A race with one lasting promise would leak memory.) */
  readonly #publishing = new Set<(error: Error) => void>();
  #ready = Promise.withResolvers<void>();
  #up = false;
  #isClosing = false;

  constructor(options: MqttBusOptions) {
    this.#options = options;
    this.#faults = new LinkFaults(options);
    const { clientId, onRecovered } = options;
    this.#flaps = new FlapDetector({ clientId, onRecovered });
    this.#running = this.#keepConnected();
  }

  get connected(): boolean {
    return this.#client !== undefined;
  }

  async publish(
    topic: string,
    payload: Uint8Array,
    { qos, retain = false }: { qos: QoS; retain?: boolean },
  ): Promise<void> {
    const client = this.#client;
    if (!client) throw new Error("not connected to the broker");
    const bytes = payload as Parameters<MqttClient["publishAsync"]>[1];
    const sent = Promise.withResolvers<void>();
    this.#publishing.add(sent.reject);
    client.publish(topic, bytes, { qos, retain }, (error) => error ? sent.reject(error) : sent.resolve());
    try {
      await sent.promise;
    } finally {
      this.#publishing.delete(sent.reject);
    }
  }

  async *messages(topic: string, options: StreamOptions): AsyncIterable<Message> {
    if (this.#streams.has(topic)) throw new Error(`"${topic}" has a stream already`);
    const queue = new MessageQueue(options);
    const filter = options.group ? `$share/${options.group}/${topic}` : topic;
    this.#streams.set(topic, { queue, qos: options.qos, filter });
    try {
      if (this.#client) subscribe(this.#client, filter, options.qos); // Otherwise done on connection.
      yield* queue.take();
    } finally {
      this.#streams.delete(topic);
      this.#client?.unsubscribe(filter, () => {});
    }
  }

  ready({ signal }: { signal: AbortSignal }): Promise<void> {
    return abortable(this.#ready.promise, { signal });
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#isClosing = true;
    if (client) {
      await atMost(
        CLOSE_MS,
        announce(client, this.#options.statusTopic, "offline"),
      );
    }
    this.#closing.abort();
    this.#flaps.stop();
    await this.#running;
  }

  async #keepConnected(): Promise<void> {
    const { signal } = this.#closing;
    const { backoff = new Backoff(), refusal = new Backoff() } = this.#options;
    while (!signal.aborted) {
      const isRefused = await this.#connectOnce(signal);
      await delay((isRefused ? refusal : backoff).next(), { signal });
    }
  }

  /**
   * One connection from its beginning to its end. Never throws: the reason goes to `onLink` and to the publishes. Returns
   * whether the broker refused the user name or password.
   */
  async #connectOnce(signal: AbortSignal): Promise<boolean> {
    const { url, statusTopic, nameTopic } = this.#options;
    const client = mqtt.connect(mqttAddress(url), clientOptions(this.#options));
    const lost = Promise.withResolvers<never>();
    lost.promise.catch(() => {});
    let reason = "the connection was closed";
    let isUnexplained = true;
    let isRefused = false;
    client.on("error", (error: Error & { code?: string | number }) => {
      const known = knownReason(error, url);
      isUnexplained = known === undefined;
      isRefused ||= REFUSALS.has(error.code);
      if (!CLOSED.has(error.code)) reason = known ?? messageOf(error);
    });
    client.on("close", () => lost.reject(new Error(reason)));
    client.on("message", (topic, payload, { retain: isRetained }) => {
      if (topic === nameTopic) this.#namesakes.receive(payload.subarray(0, 32).toString());
      if (topic === statusTopic) this.#defendStatus(client, payload.toString());
      for (const [filter, { queue }] of this.#streams) {
        if (matchesFilter(topic, filter)) queue.push({ topic, payload: new Uint8Array(payload), isRetained });
      }
    });
    const abort = () => lost.reject(new Error("closing"));
    signal.addEventListener("abort", abort);
    try {
      await Promise.race([once(client, "connect"), lost.promise]);
      (client.stream as { setNoDelay?: (on: boolean) => void }).setNoDelay?.(true);
      const known = new Map(Array.from(this.#streams.values(), ({ filter, qos }) => [filter, { qos }]));
      if (known.size > 0) {
        await Promise.race([client.subscribeAsync(Object.fromEntries(known)), lost.promise]);
      }
      await Promise.race([announce(client, statusTopic, "online"), lost.promise]);
      client.subscribe(statusTopic, { qos: 0 }, () => {}); // The broker may deny it.
      this.#client = client;
      if (nameTopic) client.subscribe(nameTopic, { qos: 0 }, (error) => error || this.#namesakes.greet());
      for (const { filter, qos } of this.#streams.values()) {
        if (!known.has(filter)) subscribe(client, filter, qos);
      }
      this.#faults.end();
      isUnexplained = false;
      this.#change({ up: true });
      await lost.promise;
    } catch (error) {
      this.#client = undefined;
      for (const reject of this.#publishing) reject(error as Error);
      const fault = isUnexplained && !signal.aborted
        ? await this.#faults.explain(messageOf(error), { signal })
        : undefined;
      if (!signal.aborted) this.#change({ up: false, reason: messageOf(error), ...fault });
    } finally {
      signal.removeEventListener("abort", abort);
      await ended(client, signal.aborted);
    }
    return isRefused;
  }

  /** Publishes `online` again after the late will of an older session, or the `offline` of a namesake. */
  #defendStatus(client: MqttClient, status: string): void {
    if (status === "offline" && !this.#isClosing) {
      announce(client, this.#options.statusTopic, "online").catch(() => {});
    }
  }

  #change(change: LinkChange): void {
    if (change.up) this.#ready.resolve();
    else if (this.#up) this.#ready = Promise.withResolvers<void>();
    this.#up = change.up;
    this.#options.onLink?.(change.up ? change : { up: false, ...this.#flaps.down(change) });
    if (change.up) this.#flaps.up();
  }
}

/** Subscribes on an existing connection. When that fails the connection is ended, and made again. */
function subscribe(client: MqttClient, topic: string, qos: QoS): void {
  client.subscribe(topic, { qos }, (error) => error && client.stream.destroy());
}

/** Publishes the status, retained. */
function announce(client: MqttClient, statusTopic: string, status: "online" | "offline"): Promise<unknown> {
  return client.publishAsync(statusTopic, status, { qos: 1, retain: true });
}

function clientOptions({ url, clientId, statusTopic, tls }: MqttBusOptions): IClientOptions {
  return {
    clientId,
    clean: true,
    protocolVersion: 4,
    keepalive: KEEPALIVE_S,
    connectTimeout: CONNECT_TIMEOUT_MS,
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    username: decodeURIComponent(url.username) || undefined,
    password: decodeURIComponent(url.password) || undefined,
    will: { topic: statusTopic, payload: "offline" as unknown as never, qos: 1, retain: true },
    ...tls,
  };
}

function once(client: MqttClient, event: "connect"): Promise<unknown> {
  return new Promise((resolve) => client.once(event, resolve));
}

/** Ends a connection, with or without a DISCONNECT, and waits for the end. */
async function ended(client: MqttClient, gracefully: boolean): Promise<void> {
  if (!client.connected) gracefully = false;
  await atMost(CLOSE_MS, client.endAsync(!gracefully));
}
