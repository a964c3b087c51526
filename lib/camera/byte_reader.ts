/** Reads lines and blocks of bytes from a stream. */
import { FatalError } from "../errors.ts";

const MAX_LINE_BYTES = 1_024;
const LINE_END = 10;

/** Reads from a byte stream directly into the caller's memory. */
export class ByteReader {
  readonly #reader: ReadableStreamBYOBReader;

  constructor(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.#reader = stream.getReader({ mode: "byob" });
  }

  /** The next line without its LF; undefined at the end of the stream. Throws a FatalError beyond 1,024 bytes. */
  async line(): Promise<string | undefined> {
    let text = "";
    while (text.length <= MAX_LINE_BYTES) {
      const part = await this.exactly(new Uint8Array(1));
      if (!part) return undefined;
      if (part[0] === LINE_END) return text;
      text += String.fromCharCode(part[0]);
    }
    throw new FatalError(`not a video stream: a line of more than ${MAX_LINE_BYTES} bytes`);
  }

  /**
   * Fills `view`; undefined when the stream ends first. The memory of `view` is transferred: use only the result, which
   * has the same bytes of memory.
   */
  async exactly(view: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const { value, done } = await this.#reader.read(view, { min: view.length });
    return done ? undefined : value;
  }

  /** Cancels the stream. Never rejects. */
  async close(): Promise<void> {
    await this.#reader.cancel().catch(() => {});
  }
}
