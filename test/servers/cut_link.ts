/** A TCP relay that a test can cut, like a cable. */
export class CutLink implements AsyncDisposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #connections = new Set<Deno.Conn>();
  readonly #accepting: Promise<void>;
  #cut = false;

  constructor(private readonly targetPort: number) {
    this.#accepting = this.#accept();
  }

  get port(): number {
    return (this.#listener.addr as Deno.NetAddr).port;
  }

  /** Closes all connections and accepts none until `mend`. */
  cut(): void {
    this.#cut = true;
    for (const connection of this.#connections) close(connection);
    this.#connections.clear();
  }

  mend(): void {
    this.#cut = false;
  }

  async #accept(): Promise<void> {
    for await (const near of this.#listener) {
      if (this.#cut) close(near);
      else void this.#relay(near);
    }
  }

  async #relay(near: Deno.Conn): Promise<void> {
    const far = await Deno.connect({ hostname: "127.0.0.1", port: this.targetPort }).catch(() => undefined);
    if (!far) return close(near);
    if (this.#cut) return [near, far].forEach(close); // Meanwhile.
    for (const end of [near, far]) this.#connections.add(end);
    await Promise.allSettled([near.readable.pipeTo(far.writable), far.readable.pipeTo(near.writable)]);
    for (const end of [near, far]) {
      this.#connections.delete(end);
      close(end);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    this.cut();
    await this.#accepting;
  }
}

function close(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // It is closed already.
  }
}
