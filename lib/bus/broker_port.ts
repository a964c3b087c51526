/** The port of a broker's address, which may be left out. */

/** The port of a broker's address; MQTT's standard port where the address has none. */
export function brokerPort({ port, protocol }: URL): number {
  return Number(port || (protocol === "mqtts:" ? 8883 : 1883));
}

/** A broker for messages: host and port, without user and password. */
export function brokerHost(url: URL): string {
  return `${url.hostname}:${brokerPort(url)}`;
}
