/** The settings of a program on a bus, the bus that they describe, and the reports of its outages. */
import { Backoff } from "../async/backoff.ts";
import { brokerHost } from "../bus/broker_port.ts";
import type { Bus, LinkChange, QoS } from "../bus/bus.ts";
import { remedyOf } from "../bus/mqtt_errors.ts";
import { Outage, sinceMinutes } from "../async/outage.ts";
import { ENCODE_HINT, safeParts } from "../safe_address.ts";
import { DEFAULT_TOPIC, nameTopic, statusTopic } from "../face/topics.ts";
import type { Health } from "../health/health.ts";
import { counter, gauge } from "../health/metric.ts";
import type { Metrics } from "../health/metrics.ts";
import type { Log } from "../log.ts";
import { readPemFiles } from "./pem_files.ts";
import { choice, grouped, number, text } from "../settings/declare.ts";

/** The longest time between two attempts to connect, where nothing else is set. */
const RECONNECT_MS = 30_000;
const PORTS = "Without a port: 1883; of an mqtts address: 8883.";

/** The setting with the address of one broker. */
export function brokerAddress(about: { help: string; fallback: string }) {
  return {
    group: "delivery",
    ...text({ ...about, details: PORTS, placeholder: "URL", address: true, check: wrongAddress }),
  };
}

/** The same setting of a program that also works without a broker. */
export function optionalBrokerAddress(about: { help: string }) {
  return {
    group: "delivery",
    ...text({ ...about, details: PORTS, placeholder: "URL", address: true, check: wrongAddress }),
  };
}

/** The setting with the certificate authority of the broker that the setting `name` addresses. */
export function certificateAuthority(name: string) {
  return {
    group: "delivery",
    ...text({ help: `certificate authority (PEM) of --${name}, for mqtts`, placeholder: "FILE" }),
  };
}

/** The settings of every program on a bus. */
export const BUS_SETTINGS = grouped("delivery", {
  topic: text({
    help: "topic of the faces",
    placeholder: "TOPIC",
    fallback: DEFAULT_TOPIC,
    check: wrongTopic,
  }),
  qos: choice(["0", "1"], {
    help: "MQTT quality of service: 0 sent once, 1 acknowledged by the broker",
    fallback: "1",
  }),
  device: text({
    help: "name of this machine in topics; without it, the host name",
    placeholder: "NAME",
    check: wrongName,
  }),
  tlsCert: text({ help: "client certificate (PEM) for mqtts", placeholder: "FILE" }),
  tlsKey: text({ help: "key of the client certificate (PEM)", placeholder: "FILE" }),
});

/** The setting of a program that passes messages on. */
export const MESSAGE_SETTINGS = grouped("delivery", {
  maxMessage: number({
    help: "reject messages larger than this",
    min: 1,
    max: 256,
    unit: "MiB",
    fallback: "16",
  }),
});

/** The setting with the longest time between two attempts to connect, where it is not always 30 s. */
export function reconnect({ fallback }: { fallback: string }) {
  return {
    group: "delivery",
    ...number({
      help: "maximum time between two attempts to connect to a broker",
      details:
        "The time between attempts doubles from 0.25 s up to this maximum, and to at least 30 s where the broker " +
        "refuses the user name or password.",
      min: 1,
      max: 3600,
      unit: "seconds",
      fallback,
    }),
  };
}

/** What each connection to a broker counts. */
export const BUS_METRICS = {
  up: gauge("haarlem_broker_up", {
    help: "1 while a broker is connected, otherwise 0; a forwarder has two, edge and cloud",
    label: "broker",
    values: ["broker", "edge", "cloud"],
  }),
  connections: counter("haarlem_broker_connections_total", {
    help: "connections that were made to a broker",
    label: "broker",
    values: ["broker", "edge", "cloud"],
  }),
};

/** One connection to one broker. */
export interface BusConfig {
  /** The name of the broker in the log, such as `edge broker`. */
  readonly role: string;
  readonly address: string;
  readonly ca?: string;
  readonly settings: {
    readonly device?: string;
    readonly tlsCert?: string;
    readonly tlsKey?: string;
    /** The longest time between two attempts to connect, in seconds; absent: 30. */
    readonly reconnect?: number;
  };
  /** The name of the program, with the camera where a machine runs one program per camera. */
  readonly worker: string;
  /** Tells the two connections of a forwarder apart: `edge` or `cloud`. */
  readonly link?: "edge" | "cloud";
  readonly log: Log;
  /** Given where the program is not ready without the broker. */
  readonly health?: Health;
  /** Given where `health` is not. */
  readonly metrics?: Metrics;
  readonly onUp?: () => void;
  /** Called when the connection breaks, and for each attempt to connect that fails. */
  readonly onDown?: () => void;
  /** Called when each outage is over, also where it was not logged. */
  readonly onBack?: (lastedMs: number) => void;
}

/** Opens a bus. The outages of its broker go to the log and, where given, to the health of the program. */
export async function openBus(
  { role, address, ca, settings, worker, link, log, health, metrics = health?.metrics, ...on }: BusConfig,
): Promise<Bus> {
  // Loaded lazily: the MQTT client dominates start-up and --out does not need it.
  const { openMqttBus } = await import("../bus/mqtt_bus.ts");
  const component = health?.component(role);
  const url = new URL(address);
  const { reconnect, tlsCert: cert, tlsKey: key } = settings;
  const reconnectMs = reconnect === undefined ? RECONNECT_MS : reconnect * 1000;
  const device = deviceName(settings.device);
  const connected = () => log.info(`connected to the ${role}`, { broker: brokerHost(url) });
  const outage = new Outage({
    down: (reason, lastedMs) =>
      log.warn(`no connection to the ${role}: ${reason}`, {
        broker: brokerHost(url),
        ...sinceMinutes(lastedMs),
      }),
    up: connected,
  });
  let isFirst = true;
  const caSetting = `${link ?? "broker"}-ca`;
  let connections = 0;
  const bus = openMqttBus({
    url,
    clientId: ["haarlem", device, worker, link, crypto.randomUUID().slice(0, 8)].filter(Boolean).join("-"),
    statusTopic: statusTopic(device, worker),
    nameTopic: nameTopic(device, worker),
    onNamesake: () => {
      log.warn(
        `another client with the name "${device}/${worker}" is connected to the ${role}: both publish to the same ` +
          "status topics. Try: set --device to another name on this machine",
        { broker: brokerHost(url) },
      );
    },
    tls: readPemFiles({ caSetting, ca, cert, key }),
    caSetting: `--${caSetting}`,
    backoff: new Backoff({ maxMs: reconnectMs }),
    refusal: new Backoff({ maxMs: Math.max(RECONNECT_MS, reconnectMs) }),
    onLink: (change: LinkChange) => {
      if (change.up) {
        connections++;
        component?.recovered();
        on.onUp?.();
        return;
      }
      const { reason, hint = remedyOf(reason, `--${link ?? "broker"}`) } = change;
      component?.waiting(reason);
      on.onDown?.();
      outage.failed(`${reason}; retrying${hint === undefined ? "" : `. Try: ${hint}`}`, reason);
    },
    onRecovered: () => {
      if (isFirst && !outage.isDown) connected();
      isFirst = false;
      const lastedMs = outage.worked();
      if (lastedMs !== undefined) on.onBack?.(lastedMs);
    },
  });
  metrics?.read(BUS_METRICS.up, link ?? "broker", () => bus.connected ? 1 : 0);
  metrics?.read(BUS_METRICS.connections, link ?? "broker", () => connections);
  return bus;
}

/** The name of this machine in topics and object keys: the given one, or the host name with other characters as `-`. */
export function deviceName(given: string | undefined): string {
  return given ?? (Deno.hostname().replace(/[^\w-]/g, "-").slice(0, 64) || "board");
}

/** A broker for messages: host and port, without user and password. */
export function brokerName({ broker }: { readonly broker: string }): string {
  return brokerHost(new URL(broker));
}

/** The quality of service as MQTT numbers it. */
export function qosOf({ qos }: { qos: "0" | "1" }): QoS {
  return qos === "0" ? 0 : 1;
}

/** What is wrong with a name for topics and object keys; nothing when it is valid. */
export function wrongName(given: string): string | undefined {
  return /^[\w-]{1,64}$/.test(given) ? undefined : "should be 1 to 64 letters, digits, _ or -";
}

function wrongTopic(given: string): string | undefined {
  // deno-lint-ignore no-control-regex
  return given === "" || /[#+\u0000]|^\$|^\//.test(given) || given.length > 200
    ? "should be a topic without # and + that does not begin with / or $"
    : undefined;
}

function wrongAddress(given: string): string | undefined {
  const form = "should be mqtt://[USER:PASSWORD@]HOST[:PORT], or mqtts:// for TLS";
  const should = /^mqtts?:\/\//i.test(given) ? `${form}; ${ENCODE_HINT}` : form;
  const parts = safeParts(given);
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (!parts || !url || !/^mqtts?$/.test(parts.scheme) || parts.hasMore) return should;
  try {
    decodeURIComponent(url.username + url.password);
  } catch {
    return "holds a % that encodes no character: it should be %25";
  }
}
