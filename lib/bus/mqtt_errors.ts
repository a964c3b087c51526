/** What the errors of MQTT.js and of the network mean. */
import { brokerHost } from "./broker_port.ts";
import { messageOf } from "../errors.ts";

/** Return codes of a broker: bad user name or password, not authorised; in MQTT 3.1.1 and in MQTT 5. */
export const REFUSALS: ReadonlySet<unknown> = new Set([4, 5, 134, 135]);

/** The reason of an error of MQTT.js or the network; nothing when TLS may be the cause. */
export function knownReason(error: Error & { code?: string | number }, url: URL): string | undefined {
  if (REFUSALS.has(error.code)) return "the broker refuses the user name or password";
  if (error.code === "ECONNREFUSED" || /refused/i.test(error.message)) {
    return `nothing listens on ${brokerHost(url)}`;
  }
  if (error.code === "ENOTFOUND" || /lookup|not known/i.test(error.message)) {
    return `no host named ${url.hostname}`;
  }
  // Numbers are return codes of a broker. For a machine that cannot be reached the message is the reason.
  if (typeof error.code === "number" || /^E(HOST|NET)UNREACH$/.test(error.code ?? "")) {
    return messageOf(error);
  }
}

/** What to do about a reason of `knownReason`; nothing about another one. @param setting the flag with the address */
export function remedyOf(reason: string, setting: string): string | undefined {
  if (/refuses/.test(reason)) return "check user name and password in the address, and the log of the broker";
  if (/^no host/.test(reason)) return "check the name of the host, and that this machine can resolve it";
  if (/^nothing listens/.test(reason)) return `start the broker, or set ${setting} to its address`;
}

/**
 * Error codes of a connection that the peer closed, by the operation under way. Deno 2.6 calls EPIPE "UNKNOWN"; a write
 * gets EBADF where the descriptor is closed already, and Node's streams have codes of their own.
 */
export const CLOSED: ReadonlySet<unknown> = new Set([
  ...["ECONNRESET", "EPIPE", "UNKNOWN", "EBADF", "ENOTCONN", "ECONNABORTED"],
  ...["ERR_STREAM_DESTROYED", "ERR_STREAM_WRITE_AFTER_END", "ERR_SOCKET_CLOSED"],
]);

/** The address for MQTT.js, without user and password. */
export function mqttAddress(url: URL): string {
  return `${url.protocol}//${url.host}`;
}
