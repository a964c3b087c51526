/** A forwarder between a broker and itself: how that is found out, and refused. */
import { ConfigError } from "../errors.ts";
import { delay } from "../async/delay.ts";
import { brokerPort } from "./broker_port.ts";
import type { Bus } from "./bus.ts";

const LOOP_CALLS = 3;
const LOOP_LISTEN_MS = 500;

/** One broker under two names would carry every message round for ever: say something there, listen for it here. */
export async function refuseLoop(
  edge: Bus,
  cloud: Bus,
  { topic: above, address, signal }: {
    readonly topic: string;
    readonly address: string;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const topic = `${above}/${crypto.randomUUID()}`;
  const over = new AbortController();
  const until = AbortSignal.any([signal, over.signal]);
  let heard = false;
  const listen = async () => {
    for await (const _ of edge.messages(topic, { qos: 1, signal: until })) {
      heard = true;
      over.abort();
    }
  };
  const speak = async () => {
    for (let time = 1; time <= LOOP_CALLS && !until.aborted; time++) {
      await edge.ready({ signal: until });
      await cloud.ready({ signal: until });
      await cloud.publish(topic, new Uint8Array(1), { qos: 1 });
      await delay(LOOP_LISTEN_MS, { signal: until });
    }
  };
  // A broker that goes away meanwhile is no loop; nor is there one when we are told to stop.
  await Promise.all([listen(), speak().catch(() => {}).finally(() => over.abort())]);
  if (heard) throw loopError(address);
}

/** Whether two addresses are one broker, as far as their texts tell. */
export function sameBroker(edge: string, cloud: string): boolean {
  const place = (address: string) => {
    const url = new URL(address);
    return `${url.hostname.replace(/^localhost$/, "127.0.0.1")}:${brokerPort(url)}`;
  };
  return place(edge) === place(cloud);
}

/** What to tell whoever has named one broker twice. */
export function loopError(address: string): ConfigError {
  return new ConfigError(
    `--edge and --cloud are the same broker, ${new URL(address).host}: messages would go round for ever`,
    "omit the forwarder and let the saver listen to that broker",
  );
}
