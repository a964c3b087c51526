/** A bounded queue between the network and a loop. */
import type { Message, StreamOptions } from "./bus.ts";

/** Messages that the network pushes and a loop takes, limited in number and in bytes. */
export class MessageQueue {
  readonly #options: StreamOptions;
  readonly #waiting: Message[] = [];
  #waitingBytes = 0;
  #wake: () => void = () => {};

  constructor(options: StreamOptions) {
    this.#options = options;
  }

  /** Number of messages that wait. */
  get size(): number {
    return this.#waiting.length;
  }

  /** Adds a message, or drops it beyond a limit. An empty queue takes a message of any size. */
  push(message: Message): void {
    const { maxWaiting = 256, maxWaitingBytes = 64 * 2 ** 20, onDropped } = this.#options;
    const bytes = this.#waitingBytes + message.payload.length;
    const isFull = this.#waiting.length >= maxWaiting ||
      (this.#waiting.length > 0 && bytes > maxWaitingBytes);
    if (isFull) return onDropped?.(message);
    this.#waiting.push(message);
    this.#waitingBytes = bytes;
    this.#wake();
  }

  /** Takes messages in order until the signal is aborted. Messages that wait then are discarded. */
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
