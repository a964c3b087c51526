/**
 * A broker inside this process, for the demo: nothing to install, nothing kept. It acknowledges before it stores,
 * so it is no place for faces that matter; that is Mosquitto's.
 */
import { Buffer } from "node:buffer";
import { createServer, type Socket } from "node:net";
import { Aedes } from "aedes";

/** A running broker on a free port of the loopback interface. */
export interface EmbeddedBroker extends AsyncDisposable {
  readonly url: string;
}

/** Starts a broker. Dispose of it to close it. */
export async function startEmbeddedBroker(): Promise<EmbeddedBroker> {
  const broker = await Aedes.createBroker();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    broker.handle(whole(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  return {
    url: `mqtt://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      await new Promise<void>((resolve) => broker.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      server.close(); // Deno 2.6 never calls back when there were connections: nothing to wait for.
    },
  };
}

/**
 * Makes `read()` return everything that has come. Aedes reads once for each 'readable' event, while Node 26 streams
 * (Deno 2.9) give one chunk a read: the rest of a message of more than one chunk would lie there for ever.
 */
function whole(socket: Socket): Socket {
  const read = socket.read.bind(socket);
  socket.read = (size?: number) => {
    if (size) return read(size);
    const chunks: Uint8Array[] = [];
    for (let chunk = read(); chunk !== null; chunk = read()) chunks.push(chunk);
    return chunks.length > 0 ? Buffer.concat(chunks) : null;
  };
  return socket;
}
