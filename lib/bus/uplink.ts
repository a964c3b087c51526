/**
 * Hands faces on to another broker. A face that this broker can never take is refused: its sender is told with a
 * receipt, and stops sending it. One under which the connection breaks again and again is such a face (lib/connection_breaks.ts).
 */
import { ConnectionBreaks } from "../connection_breaks.ts";
import { messageOf, RejectedMessageError } from "../errors.ts";
import { identity } from "../face/face_file.ts";
import { delay } from "../async/delay.ts";
import { Alone } from "./alone.ts";
import type { Bus, Message, QoS } from "./bus.ts";

const POLL_MS = 100;

/** The limits of the way up. */
export interface UplinkOptions {
  readonly qos: QoS;
  readonly maxBytes: number;
}

/** The way up for faces. */
export class Uplink {
  readonly #breaks: ConnectionBreaks;
  readonly #turns = new Alone();

  constructor(private readonly to: Bus, private readonly options: UplinkOptions) {
    this.#breaks = new ConnectionBreaks({ acknowledged: options.qos === 1 });
  }

  /** Call it when the connection breaks. */
  disconnected(): void {
    this.#breaks.lost();
  }

  /** Hands a face on. Throws a RejectedMessageError when it never can be, any other error when it cannot now. */
  async handOn(message: Message): Promise<void> {
    const bytes = message.payload.length;
    if (bytes > this.options.maxBytes) {
      throw new RejectedMessageError(`larger than --max-message of the forwarder (${bytes} bytes)`);
    }
    const id = identity(message.payload);
    this.#refuseGuilty(id, bytes);
    try {
      if (this.#breaks.isSuspect(id)) await this.#turns.alone(() => this.#alone(id, message));
      else await this.#turns.beside(() => this.#publish(id, message));
    } catch (error) {
      this.#refuseGuilty(id, bytes);
      throw new Error(messageOf(error));
    }
  }

  #refuseGuilty(id: string, bytes: number): void {
    if (!this.#breaks.isPoison(id)) return;
    throw new RejectedMessageError(
      `the connection to the broker in the cloud breaks whenever it is sent (${bytes} bytes)`,
    );
  }

  /** Without acknowledgements a message is on its way for a while after it was sent. */
  async #alone(id: string, message: Message): Promise<void> {
    while (this.#breaks.underWay > 0) await delay(POLL_MS);
    await this.#publish(id, message);
    while (this.#breaks.underWay > 0) await delay(POLL_MS);
  }

  async #publish(id: string, { topic, payload }: Message): Promise<void> {
    // A message that is not even sent breaks nothing.
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
