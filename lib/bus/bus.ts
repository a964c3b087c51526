/**
 * The interface of a bus, which carries messages between programs by topic. It guarantees little on purpose: whenever a
 * connection breaks, a message may be lost or duplicated. The owner of a message that must arrive sends it again
 * (lib/outbox).
 */

/** 0: sent once, without an acknowledgement. 1: acknowledged by the broker. */
export type QoS = 0 | 1;

/** A message as it arrived. */
export interface Message {
  readonly topic: string;
  readonly payload: Uint8Array<ArrayBuffer>;
  /** The broker retained it and sends it to every new subscriber: it is not new. */
  readonly isRetained: boolean;
}

/**
 * Whether a message is empty: `doctor --try-topics on` publishes such a one to test its right to publish, and MQTT to
 * delete a retained message. It is neither a face nor a receipt.
 */
export function isTrial({ payload }: Pick<Message, "payload">): boolean {
  return payload.length === 0;
}

/** A change of the connection, for the log and the health of the program. */
export type LinkChange =
  | { readonly up: true }
  | { readonly up: false; readonly reason: string; readonly hint?: string };

/** Limits of one stream of messages. Messages beyond a limit are dropped and counted. */
export interface StreamOptions {
  readonly qos: QoS;
  readonly signal: AbortSignal;
  /** The clients of one group share the messages: each message goes to one of them. Without a group each client gets all. */
  readonly group?: string;
  /** Maximum number of messages that wait to be taken. */
  readonly maxWaiting?: number;
  /** Maximum size of the messages that wait to be taken, in bytes. */
  readonly maxWaitingBytes?: number;
  /** Called for every message that is dropped beyond a limit. */
  readonly onDropped?: (message: Message) => void;
}

/** The contract: bus_contract_test.ts runs it on every kind of broker. */
export interface Bus {
  /** Whether a broker is connected now. */
  readonly connected: boolean;

  /**
   * Publishes one message; the broker keeps it for later subscribers only with `retain`. Resolves when it was sent (QoS 0) or acknowledged by the broker (QoS 1).
   * Rejects at once when no broker is connected, and as soon as the connection breaks: no message is kept for later.
   */
  publish(topic: string, payload: Uint8Array, options: { qos: QoS; retain?: boolean }): Promise<void>;

  /**
   * The messages of one topic, or of all topics of a filter with `+` and `#`, from now on, until the signal is aborted.
   * Survives lost connections; messages that are published meanwhile are missed. A topic, and a filter, has one stream at
   * a time.
   */
  messages(topic: string, options: StreamOptions): AsyncIterable<Message>;

  /** Resolves when a broker is connected and has all subscriptions; rejects on abort. */
  ready(options: { signal: AbortSignal }): Promise<void>;

  /** Publishes the status `offline` and closes, within two seconds whatever the network does. */
  close(): Promise<void>;
}
