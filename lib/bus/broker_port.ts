/** The port of a broker's address; MQTT's standard port where the address has none. */
export function brokerPort({ port, protocol }: URL): number {
  return Number(port || (protocol === "mqtts:" ? 8883 : 1883));
}
