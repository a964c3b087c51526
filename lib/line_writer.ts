/**
 * Writes lines to a stream that may be a file on a full disk. A line that cannot be written is lost and counted; the
 * next line that can be written never continues a half-written one.
 */
export class LineWriter {
  readonly #encoder = new TextEncoder();
  #isTorn = false;
  #lost = 0;

  /** @param write writes some of the bytes and returns their number, or throws. */
  constructor(private readonly write: (bytes: Uint8Array) => number) {}

  /** The number of lines lost since the last one that was written. */
  get lost(): number {
    return this.#lost;
  }

  /** Writes a line that ends with its line feed. Throws what the stream throws; the line is lost then. */
  line(text: string): void {
    const bytes = this.#encoder.encode((this.#isTorn ? "\n" : "") + text);
    let at = 0;
    try {
      while (at < bytes.length) at += this.write(bytes.subarray(at));
      this.#isTorn = false;
      this.#lost = 0;
    } catch (error) {
      this.#isTorn ||= at > 0;
      this.#lost++;
      throw error;
    }
  }
}
