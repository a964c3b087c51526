/** Checks that a forwarder connects two brokers, not one broker with itself: each message would circulate endlessly. */
import { either } from "../async/either.ts";
import { ConfigError } from "../errors.ts";
import { delay } from "../async/delay.ts";
import { brokerHost, brokerPort } from "./broker_port.ts";
import type { Bus } from "./bus.ts";

/** How long the check listens after each of its test messages; after the last one, long enough for a busy broker. */
const LISTEN_MS = [500, 500, 4_000];

/** Throws a ConfigError when two addresses name the same host and port. */
export function checkAddressesDiffer(edge: string, cloud: string): void {
  const hostAndPort = (address: string) => {
    const url = new URL(address);
    return `${url.hostname.replace(/^localhost$/, "127.0.0.1")}:${brokerPort(url)}`;
  };
  if (hostAndPort(edge) === hostAndPort(cloud)) throw loopError(cloud);
}

/**
 * Detects one broker behind two addresses: publishes test messages to the cloud broker and listens for them at the edge
 * broker. Throws a ConfigError when one arrives there.
 */
export async function checkNoLoop(
  edge: Bus,
  cloud: Bus,
  { topic: parent, address, signal, wait = delay }: {
    readonly topic: string;
    readonly address: string;
    readonly signal: AbortSignal;
    readonly wait?: typeof delay;
  },
): Promise<void> {
  const topic = `${parent}/${crypto.randomUUID()}`;
  const done = new AbortController();
  const until = either(signal, done.signal);
  let isLoop = false;
  const listen = async () => {
    for await (const _ of edge.messages(topic, { qos: 1, signal: until })) {
      isLoop = true;
      done.abort();
    }
  };
  const publish = async () => {
    for (const listenMs of LISTEN_MS) {
      if (until.aborted) return;
      await edge.ready({ signal: until });
      await cloud.ready({ signal: until });
      await cloud.publish(topic, new Uint8Array(1), { qos: 1 });
      await wait(listenMs, { signal: until });
    }
  };
  // Neither a lost connection nor a stop of the program is a loop.
  await Promise.all([listen(), publish().catch(() => {}).finally(() => done.abort())]);
  if (isLoop) throw loopError(address);
}

function loopError(address: string): ConfigError {
  return new ConfigError(
    `--edge and --cloud are the same broker, ${
      brokerHost(new URL(address))
    }: messages would circulate endlessly`,
    "omit the forwarder and let the saver listen to that broker",
  );
}
