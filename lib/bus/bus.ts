/**
 * A bus carries messages between programs by topic. It promises little on purpose: a message may be lost or come
 * twice whenever a connection breaks. What must arrive is sent again by whoever owns it (see lib/outbox).
 */

/** 0: sent once and forgotten. 1: the broker has said that it took the message. */
export type QoS = 0 | 1;

/** A message as it came. */
export interface Message {
  readonly topic: string;
  readonly payload: Uint8Array<ArrayBuffer>;
  /** The broker kept it from an earlier time and hands it to whoever subscribes: it is not new. */
  readonly isRetained: boolean;
}

/** How the connection health, for logs and health. */
export type LinkChange =
  | { readonly up: true }
  | { readonly up: false; readonly reason: string; readonly hint?: string };

/** Limits of one stream of messages. What comes while they are reached is dropped and counted. */
export interface StreamOptions {
  readonly qos: QoS;
  readonly signal: AbortSignal;
  /** Clients that name the same group are given each message once between them, instead of every one of them. */
  readonly group?: string;
  /** Messages that may wait to be taken. */
  readonly maxWaiting?: number;
  /** Bytes of messages that may wait to be taken. */
  readonly maxWaitingBytes?: number;
  /** Called for every message that is dropped because too many wait. */
  readonly onDropped?: (message: Message) => void;
}

/** The contract: test/bus_contract_test.ts runs it on every kind of broker. */
export interface Bus {
  /** Whether a broker is connected now. */
  readonly connected: boolean;

  /**
   * Sends one message, never retained. Resolves when it was sent (QoS 0) or taken by the broker (QoS 1). Rejects at
   * once when no broker is connected, and as soon as the connection breaks: nothing is kept for later.
   */
  publish(topic: string, payload: Uint8Array, options: { qos: QoS }): Promise<void>;

  /**
   * The messages of one topic from now on, until the signal is aborted. Survives lost connections; what is published
   * meanwhile is missed. A topic has one stream at a time.
   */
  messages(topic: string, options: StreamOptions): AsyncIterable<Message>;

  /** Resolves when a broker is connected and knows all streams, at once if it is so already; rejects on abort. */
  ready(options: { signal: AbortSignal }): Promise<void>;

  /** Says goodbye and closes, within two seconds whatever the network does. */
  close(): Promise<void>;
}
