/**
 * A broker inside this process, for the demo: it needs no installation and keeps nothing. It acknowledges a message
 * before it stores it, so use Mosquitto for faces that must not be lost.
 */
import { Buffer } from "node:buffer";
import { Aedes } from "aedes";
import { CutListener } from "./cut_listener.ts";

/** A running broker on a free port of the loopback interface. */
export interface EmbeddedBroker extends AsyncDisposable {
  readonly url: string;
  /** Opens another port, whose connections can be cut. */
  openLink(): CutListener;
}

/**
 * Starts a broker. Disposal closes it and its connections.
 * @param options.onMessage called for each message that a client publishes.
 */
export async function startEmbeddedBroker(
  { onMessage }: { readonly onMessage?: (topic: string, payload: Uint8Array<ArrayBuffer>) => void } = {},
): Promise<EmbeddedBroker> {
  const broker = await Aedes.createBroker();
  if (onMessage) {
    broker.on("publish", ({ topic, payload }, client) => {
      if (client) onMessage(topic, new Uint8Array(Buffer.from(payload)));
    });
  }
  const listen = () => new CutListener((stream) => void broker.handle(stream));
  const listeners = [listen()];
  return {
    url: listeners[0].url,
    openLink: () => {
      const link = listen();
      listeners.push(link);
      return link;
    },
    [Symbol.asyncDispose]: async () => {
      await new Promise<void>((resolve) => broker.close(() => resolve()));
      for (const listener of listeners) listener.close();
    },
  };
}
