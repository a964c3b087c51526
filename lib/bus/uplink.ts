/**
 * Forwards faces to another broker. A face that this broker can never take is rejected with a receipt, so that its sender
 * stops sending it: a face above the limit, or one that breaks the connection (lib/connection_breaks.ts).
 */
import { ConnectionBreaks } from "../connection_breaks.ts";
import { messageOf, RejectedMessageError } from "../errors.ts";
import { identity } from "../face/face_file.ts";
import { delay } from "../async/delay.ts";
import type { Bus, Message, QoS } from "./bus.ts";
import { SharedLock } from "./shared_lock.ts";

/** Interval at which an exclusive face looks whether no other message is in flight. */
const POLL_MS = 100;

/** What an uplink needs. */
export interface UplinkOptions {
  readonly qos: QoS;
  readonly maxBytes: number;
}

/** The path of the faces to another broker. */
export class Uplink {
  readonly #breaks: ConnectionBreaks;
  readonly #lock = new SharedLock();

  constructor(private readonly to: Bus, private readonly options: UplinkOptions) {
    this.#breaks = new ConnectionBreaks({ acknowledged: options.qos === 1 });
  }

  /** Call it when the connection breaks. */
  disconnected(): void {
    this.#breaks.lost();
  }

  /** Forwards a face. Throws a RejectedMessageError when the broker can never take it, any other error when it fails now. */
  async forward(message: Message): Promise<void> {
    const bytes = message.payload.length;
    if (bytes > this.options.maxBytes) {
      throw new RejectedMessageError(
        `larger than --max-message of the forwarder (${bytes} bytes)`,
        "too_large",
      );
    }
    const id = identity(message.payload);
    this.#rejectPoison(id, bytes);
    try {
      if (this.#breaks.isSuspect(id)) await this.#lock.exclusive(() => this.#publishAlone(id, message));
      else await this.#lock.shared(() => this.#publish(id, message));
    } catch (error) {
      this.#rejectPoison(id, bytes);
      throw new Error(messageOf(error));
    }
  }

  #rejectPoison(id: string, bytes: number): void {
    if (!this.#breaks.isPoison(id)) return;
    throw new RejectedMessageError(
      `the connection to the broker in the cloud breaks whenever it is sent (${bytes} bytes)`,
      "breaks_connection",
    );
  }

  /** Publishes while no other message is in flight. Without acknowledgements a message is in flight for a while. */
  async #publishAlone(id: string, message: Message): Promise<void> {
    while (this.#breaks.underWay > 0) await delay(POLL_MS);
    await this.#publish(id, message);
    while (this.#breaks.underWay > 0) await delay(POLL_MS);
  }

  async #publish(id: string, { topic, payload }: Message): Promise<void> {
    // A message that is not sent cannot break the connection.
    if (!this.to.connected) throw new Error("not connected to the broker");
    this.#breaks.started(id);
    try {
      await this.to.publish(topic, payload, { qos: this.options.qos });
      this.#breaks.sent(id);
    } catch (error) {
      this.#breaks.failed(id);
      throw error;
    }
  }
}
