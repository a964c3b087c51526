/**
 * A TCP connection as Aedes reads it. Aedes calls `read()` once for each 'readable' event and expects all bytes that have
 * arrived; and a packet whose handler ends at once lets it call `read()` inside of its parser, which then drops bytes. The
 * streams of Node 26 (Deno 2.9) return one chunk for each read, so their sockets do neither. Here at most one chunk is
 * there at any time, and the next one is read from the connection when it was taken.
 */
import { Buffer } from "node:buffer";
import { Duplex } from "node:stream";

const CHUNK_BYTES = 64 * 1024;

/** A connection as a stream. Destroying it closes the connection. */
export class ConnectionStream extends Duplex {
  readonly #connection: Deno.Conn;
  #chunk: Buffer | undefined;

  constructor(connection: Deno.Conn) {
    super();
    this.#connection = connection;
  }

  /** Reads the connection until it ends. Call it once. */
  start(): void {
    void this.#readNext();
  }

  override read(): Buffer | null {
    const chunk = this.#chunk;
    this.#chunk = undefined;
    // The next chunk comes after the caller has parsed this one: awaiting it ends the current task.
    if (chunk !== undefined) void this.#readNext();
    return chunk ?? null;
  }

  override _read(): void {}

  override _write(chunk: Uint8Array, _: string, done: (error?: Error) => void): void {
    this.#writeAll(chunk).then(() => done(), done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    try {
      this.#connection.close();
    } catch {
      // It is closed already.
    }
    done(error);
  }

  async #writeAll(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) at += await this.#connection.write(bytes.subarray(at));
  }

  async #readNext(): Promise<void> {
    if (this.destroyed) return;
    const buffer = new Uint8Array(CHUNK_BYTES);
    const length = await this.#connection.read(buffer).catch(() => null);
    if (length === null) return void this.destroy();
    this.#chunk = Buffer.from(buffer.buffer, 0, length);
    this.emit("readable");
  }
}
