/**
 * A broker inside this process, for the demo: it needs no installation and keeps nothing. It acknowledges a message
 * before it stores it, so use Mosquitto for faces that must not be lost.
 */
import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import { Aedes } from "aedes";
import { CutListener } from "./cut_listener.ts";

/** A running broker on a free port of the loopback interface. */
export interface EmbeddedBroker extends AsyncDisposable {
  readonly url: string;
  /** Opens another port, whose connections can be cut. */
  openLink(): Promise<CutListener>;
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
  const listen = () => CutListener.start((socket) => void broker.handle(readingAll(socket)));
  const listeners = [await listen()];
  return {
    url: listeners[0].url,
    openLink: async () => {
      const link = await listen();
      listeners.push(link);
      return link;
    },
    [Symbol.asyncDispose]: async () => {
      await new Promise<void>((resolve) => broker.close(() => resolve()));
      for (const listener of listeners) listener.close();
    },
  };
}

/**
 * Makes `read()` return all chunks that have arrived. Aedes reads once for each 'readable' event, but the streams of
 * Node 26 (Deno 2.9) return one chunk per read: the rest of a longer message would never be read.
 */
function readingAll(socket: Socket): Socket {
  const read = socket.read.bind(socket);
  socket.read = (size?: number) => {
    if (size) return read(size);
    const chunks: Uint8Array[] = [];
    for (let chunk = read(); chunk !== null; chunk = read()) chunks.push(chunk);
    return chunks.length > 0 ? Buffer.concat(chunks) : null;
  };
  return socket;
}
