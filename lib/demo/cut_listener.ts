/** A TCP listener that can be cut like a cable: the way to the cloud in the demo. */
import { ConnectionStream } from "./connection_stream.ts";

/** Listens on a free port of the loopback interface. */
export class CutListener {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #streams = new Set<ConnectionStream>();
  /** The newest connection that was made while the link is cut. It gets no answer until `mend`. */
  #held: ConnectionStream | undefined;
  #isCut = false;

  /** Starts to listen. @param onConnection gets each connection. */
  constructor(private readonly onConnection: (stream: ConnectionStream) => void) {
    void this.#accept();
  }

  get url(): string {
    return `mqtt://127.0.0.1:${(this.#listener.addr as Deno.NetAddr).port}`;
  }

  get isCut(): boolean {
    return this.#isCut;
  }

  /** Whether a client is connected through the link. */
  get isConnected(): boolean {
    return this.#streams.size > 0;
  }

  /** Breaks all connections; a new one gets no answer until `mend`, as behind a cable that is unplugged. */
  cut(): void {
    this.#isCut = true;
    for (const stream of this.#streams) stream.destroy();
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
    this.#listener.close();
  }

  async #accept(): Promise<void> {
    for await (const connection of this.#listener) {
      connection.setNoDelay();
      const stream = new ConnectionStream(connection);
      stream.on("error", () => {}); // The other side may reset a connection at any time.
      if (!this.#isCut) {
        this.#serve(stream);
        continue;
      }
      this.#held?.destroy();
      this.#held = stream;
    }
  }

  #serve(stream: ConnectionStream): void {
    this.#streams.add(stream);
    stream.on("close", () => this.#streams.delete(stream));
    this.onConnection(stream);
    stream.start();
  }
}
