/**
 * A broker inside this process, for the demo: it needs no installation and keeps nothing. It acknowledges a message
 * before it stores it, so use Mosquitto for faces that must not be lost.
 */
import { Buffer } from "node:buffer";
import { createServer, type Socket } from "node:net";
import { Aedes } from "aedes";

/** A running broker on a free port of the loopback interface. */
export interface EmbeddedBroker extends AsyncDisposable {
  readonly url: string;
}

/** Starts a broker. Disposal closes it and its connections. */
export async function startEmbeddedBroker(): Promise<EmbeddedBroker> {
  const broker = await Aedes.createBroker();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    broker.handle(readingAll(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  return {
    url: `mqtt://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      await new Promise<void>((resolve) => broker.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      server.close(); // Not awaited: Deno 2.6 does not call back when there were connections.
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
