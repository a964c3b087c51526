/**
 * Retained messages that must be right whenever a broker is connected: each is published when it changes, and all of them
 * again when the connection is new, since the broker may have lost them.
 */

/** Publishes one message, retained. Rejects when the broker did not take it. */
export type PublishRetained = (topic: string, text: string) => Promise<void>;

export class RetainedValues {
  /** The last text of each topic, and whether the broker has it. */
  readonly #values = new Map<string, { text: string; isSent: boolean }>();
  #sending: Promise<boolean> | undefined;

  constructor(private readonly publish: PublishRetained) {}

  /** The topics that have a value. */
  get topics(): string[] {
    return Array.from(this.#values.keys());
  }

  /** Sets the value of a topic; {@link send} publishes it. An empty text removes the message from the broker. */
  set(topic: string, text: string): void {
    if (this.#values.get(topic)?.text !== text) this.#values.set(topic, { text, isSent: false });
  }

  /** Marks all values as not sent. */
  forget(): void {
    for (const [topic, { text }] of this.#values) this.#values.set(topic, { text, isSent: false });
  }

  /**
   * Publishes the values that were not sent, in the order in which their topics were first set. Resolves with whether the
   * broker has all of them; the rest is published by the next call.
   */
  async send(): Promise<boolean> {
    while (this.#unsent.length > 0) {
      this.#sending ??= this.#sendAll().finally(() => this.#sending = undefined);
      if (!await this.#sending) return false;
    }
    return true;
  }

  get #unsent() {
    return Array.from(this.#values).filter(([, { isSent }]) => !isSent);
  }

  async #sendAll(): Promise<boolean> {
    for (let unsent = this.#unsent; unsent.length > 0; unsent = this.#unsent) {
      const [topic, value] = unsent[0];
      try {
        await this.publish(topic, value.text);
      } catch {
        return false; // The bus reports that the broker is away.
      }
      value.isSent = true; // A newer value of the topic is another object.
    }
    return true;
  }
}
