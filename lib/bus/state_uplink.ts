/**
 * Forwards states of detectors to another broker. Some brokers (AWS IoT Core, EMQX with `deny_action = disconnect`) close
 * the connection on a message that its sender may not publish. States come every 30 s, so each would break the connection
 * on which the faces are sent. After some breaks in a row no state is sent for an hour: faces matter more.
 */
import type { Bus } from "./bus.ts";

/** A connection that breaks this soon after a state may have broken because of it. */
const BREAK_MS = 2_000;
/** Breaks in a row after which states are the cause. */
const MAX_BREAKS = 3;
/** How long no state is sent then: the rights of the account may be mended meanwhile. */
const PAUSE_MS = 3_600_000;

/** What it needs. */
export interface StateUplinkOptions {
  /** Called when states are no longer sent. */
  readonly onPaused: () => void;
  /** A monotonic time in milliseconds. */
  readonly nowMs?: () => number;
}

/** The path of the states to another broker. */
export class StateUplink {
  readonly #nowMs: () => number;
  /** Time of the last state, while the connection has not broken since. */
  #sentMs: number | undefined;
  #breaks = 0;
  #resumeMs = -Infinity;

  constructor(private readonly to: Bus, private readonly options: StateUplinkOptions) {
    this.#nowMs = options.nowMs ?? (() => performance.now());
  }

  /** Call it when the connection breaks; calls while there is none change nothing. */
  disconnected(): void {
    if (this.#sentMs === undefined) return;
    const nowMs = this.#nowMs();
    const isSoon = nowMs - this.#sentMs <= BREAK_MS;
    this.#sentMs = undefined;
    this.#breaks = isSoon ? this.#breaks + 1 : 0;
    if (this.#breaks < MAX_BREAKS) return;
    this.#breaks = 0;
    this.#resumeMs = nowMs + PAUSE_MS;
    this.options.onPaused();
  }

  /** Forwards a state, retained. A lost one is followed by the next. Throws an error when it was not sent. */
  async forward(topic: string, payload: Uint8Array): Promise<void> {
    const nowMs = this.#nowMs();
    if (nowMs < this.#resumeMs) throw new Error("states break the connection");
    if (!this.to.connected) throw new Error("not connected to the broker");
    if (this.#sentMs !== undefined && nowMs - this.#sentMs > BREAK_MS) this.#breaks = 0; // The last one passed.
    this.#sentMs = nowMs;
    await this.to.publish(topic, payload, { qos: 0, retain: true });
  }
}
