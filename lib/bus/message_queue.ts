import type { Message, StreamOptions } from "./bus.ts";

/** The messages between the network, which pushes, and a loop, which takes. Bounded in number and in bytes. */
export class MessageQueue {
  readonly #options: StreamOptions;
  readonly #waiting: Message[] = [];
  #waitingBytes = 0;
  #wake: () => void = () => {};

  constructor(options: StreamOptions) {
    this.#options = options;
  }

  /** Adds a message, or drops it when too many wait. A single message of any size finds room in an empty queue. */
  push(message: Message): void {
    const { maxWaiting = 256, maxWaitingBytes = 64 * 2 ** 20, onDropped } = this.#options;
    const bytes = this.#waitingBytes + message.payload.length;
    const full = this.#waiting.length >= maxWaiting || (this.#waiting.length > 0 && bytes > maxWaitingBytes);
    if (full) return onDropped?.(message);
    this.#waiting.push(message);
    this.#waitingBytes = bytes;
    this.#wake();
  }

  /** Takes messages in order until the signal is aborted; what waits then is left. */
  async *take(): AsyncGenerator<Message> {
    const { signal } = this.#options;
    const wake = () => this.#wake();
    signal.addEventListener("abort", wake);
    try {
      while (!signal.aborted) {
        const message = this.#waiting.shift();
        if (message) {
          this.#waitingBytes -= message.payload.length;
          yield message;
        } else {
          await new Promise<void>((resolve) => this.#wake = resolve);
        }
      }
    } finally {
      signal.removeEventListener("abort", wake);
    }
  }
}
