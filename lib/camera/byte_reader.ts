import { FatalError } from "../errors.ts";

const MAX_LINE_BYTES = 1_024;
const LINE_END = 10;

/** Takes lines and exact numbers of bytes from a stream, straight into the memory where they are to be. */
export class ByteReader {
  readonly #reader: ReadableStreamBYOBReader;

  constructor(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.#reader = stream.getReader({ mode: "byob" });
  }

  /** The next line without its end; nothing at the end of the stream. Throws when a line exceeds 1,024 bytes. */
  async line(): Promise<string | undefined> {
    let text = "";
    while (text.length <= MAX_LINE_BYTES) {
      const part = await this.exactly(new Uint8Array(1));
      if (!part) return undefined;
      if (part[0] === LINE_END) return text;
      text += String.fromCharCode(part[0]);
    }
    throw new FatalError("not a video stream: a line without an end");
  }

  /** Fills `view`, whose memory is handed over and comes back under the result; nothing when the stream ends before. */
  async exactly(view: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const { value, done } = await this.#reader.read(view, { min: view.length });
    return done ? undefined : value;
  }

  async close(): Promise<void> {
    await this.#reader.cancel().catch(() => {});
  }
}
