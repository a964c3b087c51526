/** Reading a stream as far as a text, such as an event of the gallery. For tests. */
import { startLimit } from "../async/limit.ts";

const LIMIT_MS = 60_000;

/** Reads one stream. */
export class TextReader {
  readonly #reader: ReadableStreamDefaultReader<string>;
  /** What was read so far. */
  text = "";

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** Reads until the text matches; throws when the stream ends or 60 s pass first. */
  async until(pattern: RegExp): Promise<void> {
    const stop = startLimit(LIMIT_MS, () => void this.cancel());
    try {
      while (!pattern.test(this.text)) {
        const { value, done } = await this.#reader.read();
        if (done) throw new Error(`the stream ended before ${pattern}:\n${this.text}`);
        this.text += value;
      }
    } finally {
      stop();
    }
  }

  async cancel(): Promise<void> {
    await this.#reader.cancel();
  }
}
