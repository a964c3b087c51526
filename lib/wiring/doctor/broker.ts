/** Checks a broker: connection and TLS, rights, shared subscriptions. */
import { brokerHost, brokerPort } from "../../bus/broker_port.ts";
import { tryBroker } from "../../bus/try_broker.ts";
import { ALL_STATES, ALL_STATUSES, loopTopic, nameTopic, receiptTopic } from "../../face/topics.ts";
import { placeOf } from "../../tls/probe_server.ts";
import { deviceName } from "../bus.ts";
import { readPemFiles } from "../pem_files.ts";
import { milliseconds } from "../status_parts.ts";
import { connectionFindings } from "./certificates.ts";
import type { Check, Finding } from "./finding.ts";
import type { Checked, CheckedSettings } from "./settings.ts";

/** Connecting twice, a TLS examination, and answers to a few requests. */
const LIMIT_MS = 45_000;

/** What a program does at one broker. */
interface BrokerUse {
  /** The setting with the address. */
  readonly link: "broker" | "edge" | "cloud";
  readonly reads: readonly string[];
  readonly writes: readonly string[];
}

/** The brokers of a program. A detector that writes into a folder has none, a gallery only the one that is given. */
export function brokerChecks(program: Checked, settings: CheckedSettings): Check[] {
  return usesOf(program, settings).map((use) => {
    const name = use.link === "broker" ? "broker" : `${use.link} broker`;
    return {
      name,
      limitMs: LIMIT_MS,
      async *run({ signal }) {
        yield* findings(name, program, use, settings, signal);
      },
    };
  });
}

function usesOf(program: Checked, { topic, device, out, receipts, broker }: CheckedSettings): BrokerUse[] {
  const receipt = receiptTopic(topic);
  switch (program) {
    case "detector":
      if (out !== undefined) return [];
      return [{ link: "broker", reads: receipts ? [receipt] : [], writes: [topic] }];
    case "forwarder":
      return [
        { link: "edge", reads: [topic, ALL_STATES, `${loopTopic(deviceName(device))}/+`], writes: [receipt] },
        { link: "cloud", reads: [receipt], writes: [topic] },
      ];
    case "saver":
      return [{ link: "broker", reads: [topic], writes: [receipt] }];
    case "logger":
      return [{ link: "broker", reads: [topic], writes: [] }];
    case "notifier":
      return [{ link: "broker", reads: [topic, receipt], writes: [] }];
    case "gallery":
      return broker === undefined ? [] : [{ link: "broker", reads: [ALL_STATES, ALL_STATUSES], writes: [] }];
  }
}

async function* findings(
  name: string,
  program: Checked,
  { link, reads, writes }: BrokerUse,
  settings: CheckedSettings,
  signal: AbortSignal,
): AsyncGenerator<Finding> {
  const [address, ca] = [settings[link]!, settings[`${link}Ca`]];
  const device = deviceName(settings.device);
  const caSetting = `${link}-ca`;
  const own = nameTopic(device, "doctor");
  const url = new URL(address);
  // The certificate of a gallery is that of its page.
  const { tlsCert: cert, tlsKey: key } = program === "gallery" ? {} as Partial<CheckedSettings> : settings;
  const tls = readPemFiles({ caSetting, ca, cert, key });
  const answer = await tryBroker({
    url,
    clientId: `haarlem-${device}-doctor-${crypto.randomUUID().slice(0, 8)}`,
    tls,
    caSetting: `--${caSetting}`,
    ownTopic: own,
    reads,
    writes: settings.tryTopics ? writes : [],
  }, { signal });
  const isTls = url.protocol === "mqtts:";
  const way = `${answer.version === 5 ? "MQTT 5" : "MQTT 3.1.1"}${isTls ? " over TLS" : ""}`;
  yield {
    name,
    state: "ok",
    text: `${brokerHost(url)}: connected by ${way} in ${milliseconds(answer.connectMs)}`,
  };
  if (isTls) {
    yield* connectionFindings(name, placeOf(url, brokerPort(url)), {
      server: "the broker",
      ...tls,
      caSetting,
    }, { signal });
  }
  for (const { topic, what, why } of answer.denied) {
    const verb = what === "subscribe" ? "read" : "write";
    yield {
      name,
      state: "wrong",
      text: `cannot ${what} to "${topic}": ${why}`,
      hint: `allow this account to ${verb} the topic in the broker's access control list`,
    };
  }
  const rights = [
    ...reads.map((topic) => `subscribe to ${topic}`),
    ...settings.tryTopics ? writes.map((topic) => `publish to ${topic}`) : [],
  ];
  if (answer.denied.length === 0 && rights.length > 0) {
    yield { name, state: "ok", text: `may ${rights.join(", ")}` };
  }
  yield* ownMessage(name, program, own, answer, settings);
}

function* ownMessage(
  name: string,
  program: Checked,
  own: string,
  { roundTripMs, sharesMessages }: { readonly roundTripMs?: number; readonly sharesMessages: boolean },
  { group }: CheckedSettings,
): Generator<Finding> {
  if (roundTripMs === undefined) {
    return yield {
      name,
      state: "note",
      text: `a message to "${own}" did not come back`,
      hint:
        "allow this account to read and write haarlem/+/+/name, where programs with one name find each other",
    };
  }
  yield { name, state: "ok", text: `a message came back after ${milliseconds(roundTripMs)}` };
  if (program !== "saver") return;
  if (sharesMessages) yield { name, state: "ok", text: "shared subscriptions ($share) work" };
  else if (group === undefined) {
    yield { name, state: "note", text: "no shared subscriptions ($share): --group would not work" };
  } else {
    yield {
      name,
      state: "wrong",
      text: "no shared subscriptions ($share), as --group requires",
      hint: "remove --group and run one saver, or use a broker that has them",
    };
  }
}
