/** A TCP listener that can be cut like a cable: the way to the cloud in the demo. */
import { createServer, type Server, type Socket } from "node:net";

/** Listens on a free port of the loopback interface. */
export class CutListener {
  readonly #server: Server;
  readonly #onConnection: (socket: Socket) => void;
  readonly #sockets = new Set<Socket>();
  /**
   * The newest connection that was made while the link is cut. It gets no answer until `mend`: nobody reads it. (A socket
   * that was paused and resumed lost bytes in the middle of a message, on Deno 2.9.6.)
   */
  #held: Socket | undefined;
  #isCut = false;

  private constructor(onConnection: (socket: Socket) => void) {
    this.#onConnection = onConnection;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  /** Starts to listen. @param onConnection gets each connection. */
  static async start(onConnection: (socket: Socket) => void): Promise<CutListener> {
    const listener = new CutListener(onConnection);
    await new Promise<void>((resolve) => listener.#server.listen(0, "127.0.0.1", resolve));
    return listener;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${(this.#server.address() as { port: number }).port}`;
  }

  get isCut(): boolean {
    return this.#isCut;
  }

  /** Whether a client is connected through the link. */
  get isConnected(): boolean {
    return this.#sockets.size > 0;
  }

  /** Breaks all connections; a new one gets no answer until `mend`, as behind a cable that is unplugged. */
  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  mend(): void {
    this.#isCut = false;
    const held = this.#held;
    this.#held = undefined;
    if (held) this.#serve(held);
  }

  close(): void {
    this.cut();
    this.#held?.destroy();
    this.#server.close(); // Not awaited: Deno 2.6 does not call back when there were connections.
  }

  #accept(socket: Socket): void {
    socket.on("error", () => {}); // The other side may reset a connection at any time.
    if (!this.#isCut) return this.#serve(socket);
    this.#held?.destroy();
    this.#held = socket;
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
    this.#onConnection(socket);
  }
}
