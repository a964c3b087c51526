/**
 * Writes lines to a stream that may be a file on a full disk: a line that cannot be written is lost and counted, and
 * the next one that can be written begins a line of its own.
 */
export class LineWriter {
  readonly #encoder = new TextEncoder();
  #isTorn = false;
  #lost = 0;

  /** @param write writes some of the bytes and returns how many; throws when it cannot. */
  constructor(private readonly write: (bytes: Uint8Array) => number) {}

  /** How many lines were lost since the last one that was written. */
  get lost(): number {
    return this.#lost;
  }

  /** Writes a line, with its line feed. Throws what the stream throws; the line is lost then. */
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
