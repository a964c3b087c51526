/** Ports, accounts and a client for the tests of deploy/mosquitto/setup. */
import assert from "node:assert/strict";
import { findParts } from "../parts.ts";
import { type BrokerMachine } from "../servers/broker_machine.ts";
import { freePort } from "../servers/free_port.ts";
import { runProgram } from "../servers/run_program.ts";

export const FOLDER = "/etc/mosquitto/haarlem";
export const FACES = "face_detection";

/** The ports of a test's broker. */
export interface Ports {
  readonly tls: number;
  readonly local: number;
}

export const newPorts = (): Ports => ({ tls: freePort(), local: freePort() });
export const flagsOf = ({ tls, local }: Ports) => ["--ports", `${tls}`, "--local-port", `${local}`];

/** Publishes a message with mosquitto_pub. */
export function publish(where: string[], user: string, password: string) {
  const as = user ? ["-u", user, "-P", password] : [];
  const args = [...where, ...as, "-q", "1", "-t", FACES, "-m", "x"];
  return runProgram("mosquitto_pub", args, { command: [findParts().mosquittoPub!] });
}

/** The names in the broker's certificate. */
export async function subjects(machine: BrokerMachine): Promise<string[]> {
  const { stdout } = await machine.run("openssl", "x509", "-in", `${FOLDER}/server.pem`, "-noout", "-text");
  return /Subject Alternative Name:.*\n\s*(.*)/.exec(stdout)![1].split(", ");
}

/** The passwords in the settings that setup prints. */
export function passwordsIn(text: string, { tls, local }: Ports): Record<string, string> {
  const found = text.matchAll(
    /^(?:(?:saver|recogniser|gallery|notifier)\.broker|forwarder\.cloud)=(mqtts?:\/\/.*)$/gm,
  );
  return Object.fromEntries(Array.from(found, ([, address]) => {
    const url = new URL(address);
    assert.equal(url.port, `${url.username === "saver" ? local : tls}`);
    assert.equal(url.protocol, url.username === "saver" ? "mqtt:" : "mqtts:");
    assert.match(url.password, /^[0-9a-f]{32}$/);
    return [url.username, url.password];
  }));
}
