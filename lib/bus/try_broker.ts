/**
 * Tries a broker out: connects, subscribes, and sends a message to itself. It has a client identifier and a topic of its
 * own and publishes no status, so nothing else notices it. MQTT 5, where the broker has it: only there a broker says that
 * it rejects a message for lack of rights.
 */
import { brokerHost } from "./broker_port.ts";
import { abortable, atMost } from "../async/delay.ts";
import { FatalError, messageOf } from "../errors.ts";
import { LinkFaults } from "./link_faults.ts";
import { mqtt, type MqttClient } from "./mqtt.ts";
import { CLOSED, knownReason, mqttAddress, remedyOf } from "./mqtt_errors.ts";

const CONNECT_TIMEOUT_MS = 5_000;
/** How long an answer of the broker and the own message are awaited. */
const ANSWER_MS = 4_000;
const CLOSE_MS = 1_000;

/** What is tried. */
export interface BrokerTrial {
  readonly url: URL;
  readonly clientId: string;
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  /** The setting with the authority's certificate, for messages. */
  readonly caSetting: string;
  /** The topic of the message to itself. */
  readonly ownTopic: string;
  /** Topics and filters that the program subscribes to. */
  readonly reads: readonly string[];
  /** Topics to which an empty message is published, to test the right. */
  readonly writes: readonly string[];
}

/** What was found. */
export interface BrokerAnswer {
  readonly version: 4 | 5;
  readonly connectMs: number;
  /** How long the message to itself took; undefined when it did not come back. */
  readonly roundTripMs?: number;
  /** Whether a member of a group receives the message (`$share`). */
  readonly sharesMessages: boolean;
  /** Of `reads` and `writes`, the topics that the broker denies, with its reason. */
  readonly denied: readonly {
    readonly topic: string;
    readonly what: "subscribe" | "publish";
    readonly why: string;
  }[];
}

/** Throws a FatalError with a reason and a remedy when no connection can be made. */
export async function tryBroker(
  trial: BrokerTrial,
  { signal }: { signal: AbortSignal },
): Promise<BrokerAnswer> {
  const beganMs = performance.now();
  const { client, version } = await connect(trial, signal);
  try {
    const connectMs = performance.now() - beganMs;
    const denied: BrokerAnswer["denied"][number][] = [];
    const note = (topic: string, what: "subscribe" | "publish", why: string | undefined) =>
      why !== undefined && denied.push({ topic, what, why });
    const roundTripMs = await roundTrip(client, trial.ownTopic, trial.ownTopic, signal);
    const shared = await roundTrip(client, `$share/haarlem-doctor/${trial.ownTopic}`, trial.ownTopic, signal);
    for (const topic of trial.reads) note(topic, "subscribe", await subscribed(client, topic, signal));
    for (const topic of trial.writes) {
      note(topic, "publish", await published(client, topic, new Uint8Array(), signal));
    }
    return { version, connectMs, roundTripMs, sharesMessages: shared !== undefined, denied };
  } finally {
    await atMost(CLOSE_MS, client.endAsync());
  }
}

/** Connects by MQTT 5, or by MQTT 3.1.1 where the broker does not speak it. */
async function connect(
  trial: BrokerTrial,
  signal: AbortSignal,
): Promise<{ client: MqttClient; version: 4 | 5 }> {
  let failure: Error & { code?: string | number } = new Error("no connection");
  for (const version of [5, 4] as const) {
    try {
      return { client: await connectBy(version, trial, signal), version };
    } catch (error) {
      failure = error as typeof failure;
      signal.throwIfAborted();
      // 1 and 132: unacceptable protocol version. An old broker closes the connection instead.
      const isOther = failure.code === 1 || failure.code === 132 || CLOSED.has(failure.code) ||
        /closed/.test(failure.message);
      if (!isOther) break;
    }
  }
  const { url } = trial;
  const known = knownReason(failure, url);
  const fault = known === undefined
    ? await new LinkFaults(trial).explain(messageOf(failure), { signal })
    : undefined;
  throw new FatalError(
    `cannot connect to the broker ${brokerHost(url)}: ${fault?.reason ?? known ?? messageOf(failure)}`,
    fault?.hint ?? remedyOf(known ?? "", trial.caSetting.replace(/-ca$/, "")) ??
      "check the address, and the log of the broker",
  );
}

function connectBy(
  protocolVersion: 4 | 5,
  { url, clientId, tls }: BrokerTrial,
  signal: AbortSignal,
): Promise<MqttClient> {
  const client = mqtt.connect(mqttAddress(url), {
    clientId,
    protocolVersion,
    clean: true,
    connectTimeout: CONNECT_TIMEOUT_MS,
    reconnectPeriod: 0,
    username: decodeURIComponent(url.username) || undefined,
    password: decodeURIComponent(url.password) || undefined,
    ...tls,
  });
  let cause: Error = new Error("the connection was closed");
  const connected = new Promise<MqttClient>((resolve, reject) => {
    client.once("connect", () => resolve(client));
    client.on("error", (error) => cause = error);
    client.once("close", () => reject(cause));
  });
  return abortable(connected, { signal }).catch(async (error) => {
    await atMost(CLOSE_MS, client.endAsync(true));
    throw error;
  });
}

/** Publishes to a topic and waits for the message under a filter; its time, undefined when it does not arrive. */
async function roundTrip(
  client: MqttClient,
  filter: string,
  topic: string,
  signal: AbortSignal,
): Promise<number | undefined> {
  const text = crypto.randomUUID();
  const arrival = Promise.withResolvers<true>();
  const take = (_topic: string, payload: Uint8Array) =>
    new TextDecoder().decode(payload) === text && arrival.resolve(true);
  client.on("message", take);
  try {
    if (await subscribed(client, filter, signal, { keep: true }) !== undefined) return undefined;
    const beganMs = performance.now();
    if (await published(client, topic, new TextEncoder().encode(text), signal) !== undefined) {
      return undefined;
    }
    const isBack = await atMost(ANSWER_MS, abortable(arrival.promise, { signal }));
    return isBack ? performance.now() - beganMs : undefined;
  } finally {
    client.off("message", take);
    client.unsubscribe(filter, () => {});
  }
}

/** Why the broker denies a subscription; undefined when it grants it, and then it is ended at once unless `keep`. */
async function subscribed(
  client: MqttClient,
  filter: string,
  signal: AbortSignal,
  { keep = false } = {},
): Promise<string | undefined> {
  const granted = await answered(client.subscribeAsync(filter, { qos: 1 }), signal);
  if (!keep) client.unsubscribe(filter, () => {});
  if (typeof granted === "string") return granted;
  return granted.every(({ qos }) => qos < 128) ? undefined : "the account may not subscribe to it";
}

/** Why the broker rejects a message; undefined when it takes it. */
async function published(
  client: MqttClient,
  topic: string,
  payload: Uint8Array,
  signal: AbortSignal,
): Promise<string | undefined> {
  const bytes = payload as Parameters<MqttClient["publishAsync"]>[1];
  const result = await answered(client.publishAsync(topic, bytes, { qos: 1 }), signal);
  return typeof result === "string" ? result : undefined;
}

/** The answer, or why there is none. */
async function answered<T>(request: Promise<T>, signal: AbortSignal): Promise<T | string> {
  const answer = abortable(request, { signal }).catch((error) => reasonOf(error));
  return await atMost(ANSWER_MS, answer) ?? "the broker does not answer";
}

function reasonOf(error: Error & { code?: string | number }): string {
  return error.code === 135 || error.code === 128 ||
      /not authorized|unspecified error/i.test(messageOf(error))
    ? "the account has no right to it"
    : messageOf(error);
}
