/**
 * Sends the faces of an outbox until each has its receipt: at once when it is new, again after `retryMs` without a
 * receipt, then twice as long up to `maxRetryMs`. The face that is longest due goes first, at most `maxInFlight` are
 * on their way, and when a broker comes back all are due again.
 */
import type { Receipt } from "../face/receipt.ts";
import { atMost, sleep } from "../retry.ts";
import type { Outbox } from "./outbox.ts";

/** What the courier needs to know. Times in milliseconds. */
export interface CourierOptions {
  /** Hands one face to the network. A rejection is as good as silence: the face is sent again. */
  readonly send: (bytes: Uint8Array) => Promise<void>;
  /** Whether sending makes sense now. */
  readonly connected: () => boolean;
  /**
   * The bytes to send for a face that was never sent and whose bytes may still change; nothing to hold it back until
   * `reconsider`. Without it all faces go as they are.
   */
  readonly settle?: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer> | undefined;
  readonly retryMs?: number;
  readonly maxRetryMs?: number;
  readonly maxInFlight?: number;
  /** Told once, until the next receipt, when a face was sent and had no answer in time. */
  readonly onUnanswered?: () => void;
  /** Told of every face that was refused for good. */
  readonly onRefused?: (id: string, reason: string) => void;
}

type Optional = "settle" | "onRefused" | "onUnanswered";

/** When a face was sent and will be sent again, by a clock that nobody sets. */
interface Attempt {
  readonly sentMs: number;
  readonly dueMs: number;
  readonly delayMs: number;
}

/** A face that was sent before and is due again as if for the first time. */
const AT_ONCE: Attempt = { sentMs: -Infinity, dueMs: 0, delayMs: 0 };

const SWEEP_MS = 250;

/** The courier of one outbox. `run` it beside the detector. */
export class Courier {
  readonly #outbox: Outbox;
  readonly #options: Required<Omit<CourierOptions, Optional>> & Pick<CourierOptions, Optional>;
  readonly #attempts = new Map<string, Attempt>();
  /** Faces that must not be sent yet. */
  readonly #held = new Set<string>();
  #wake: () => void = () => {};
  #unanswered = false;
  /** How many times a face was sent again. */
  resent = 0;

  constructor(outbox: Outbox, options: CourierOptions) {
    this.#outbox = outbox;
    this.#options = { retryMs: 5_000, maxRetryMs: 60_000, maxInFlight: 16, ...options };
  }

  /** Call it when a face was added. */
  wake(): void {
    this.#wake();
  }

  /** Call it when a broker is connected: whatever was on its way may be lost, so all faces are due. */
  reconnected(): void {
    for (const id of this.#attempts.keys()) this.#attempts.set(id, AT_ONCE);
    this.#wake();
  }

  /** Call it when faces that were held back may be sent now. */
  reconsider(): void {
    this.#held.clear();
    this.#wake();
  }

  /** Whether a face that waits was sent since the start, so that it may be stored already. */
  wasSent(id: string): boolean {
    return this.#attempts.has(id);
  }

  /** Takes receipts in: faces that are stored leave the outbox, refused ones too, with an entry in the ledger. */
  async receive(receipts: readonly Receipt[]): Promise<void> {
    this.#unanswered = false;
    for (const { id, refused } of receipts) {
      const was = refused === undefined
        ? await this.#outbox.remove(id)
        : await this.#outbox.giveUp(id, refused);
      if (was && refused !== undefined) this.#options.onRefused?.(id, refused);
      this.#attempts.delete(id);
    }
    this.#wake();
  }

  /** Sends until the signal is aborted. */
  async run({ signal }: { signal: AbortSignal }): Promise<void> {
    const stop = () => this.#wake();
    signal.addEventListener("abort", stop);
    while (!signal.aborted) {
      const woken = new Promise<void>((resolve) => this.#wake = resolve);
      if (this.#options.connected()) await this.#sendDue();
      if (!signal.aborted) await atMost(SWEEP_MS, woken);
    }
    signal.removeEventListener("abort", stop);
  }

  /** Resolves when every face has left the outbox, or on abort. */
  async drained({ signal }: { signal: AbortSignal }): Promise<void> {
    while (this.#outbox.size > 0 && !signal.aborted) await sleep(20, { signal });
  }

  async #sendDue(): Promise<void> {
    const { maxInFlight, retryMs } = this.#options;
    const nowMs = performance.now();
    for (const id of this.#attempts.keys()) if (!this.#outbox.has(id)) this.#attempts.delete(id);
    for (const id of this.#held) if (!this.#outbox.has(id)) this.#held.delete(id);
    // A face that was never answered holds its place for the first delay only, so that it cannot block the others.
    const inFlight = this.#attempts.values().filter(({ sentMs }) => nowMs - sentMs < retryMs);
    const free = maxInFlight - Array.from(inFlight).length;
    for (const id of this.#due(nowMs, free)) {
      // A disk that does not answer is like a link that breaks: the face is tried again, the others go on.
      const face = await this.#final(id).catch(() => ({ id, bytes: undefined }));
      if (!face || !this.#outbox.has(face.id)) continue;
      if (!this.#options.connected()) return;
      this.#send(face);
    }
  }

  /** A face as it is to be sent; nothing when it has left, or is held back. */
  async #final(id: string): Promise<{ id: string; bytes?: Uint8Array } | undefined> {
    const bytes = await this.#outbox.read(id);
    if (!bytes || !this.#outbox.isUnsettled(id)) return { id, bytes };
    const settled = this.#options.settle ? this.#options.settle(bytes) : bytes;
    if (settled) {
      const finalId = await this.#outbox.settle(id, settled);
      return finalId === undefined ? undefined : { id: finalId, bytes: settled };
    }
    this.#held.add(id);
    this.#wake(); // Its place is free for the next one.
  }

  #send({ id, bytes }: { id: string; bytes?: Uint8Array }): void {
    const { retryMs, maxRetryMs, send, onUnanswered } = this.#options;
    const before = this.#attempts.get(id);
    const delayMs = before?.delayMs ? Math.min(maxRetryMs, before.delayMs * 2) : retryMs;
    const sentMs = performance.now();
    this.#attempts.set(id, { sentMs, dueMs: sentMs + delayMs, delayMs });
    if (!bytes) return;
    if (before) this.resent++;
    if (before?.delayMs && !this.#unanswered) {
      this.#unanswered = true;
      onUnanswered?.();
    }
    send(bytes).catch(() => {}); // The link broke under it: no receipt will come, it is sent again.
  }

  /** Up to `limit` faces whose time has come: those sent before, longest due first, then those never sent, in order. */
  #due(nowMs: number, limit: number): string[] {
    const fresh: string[] = [];
    const again: { id: string; dueMs: number }[] = [];
    for (const { id } of this.#outbox.waiting()) {
      if (this.#held.has(id)) continue;
      const attempt = this.#attempts.get(id);
      if (!attempt) fresh.push(id);
      else if (attempt.dueMs <= nowMs) again.push({ id, dueMs: attempt.dueMs });
      if (fresh.length >= limit) break;
    }
    again.sort((a, b) => a.dueMs - b.dueMs);
    return [...again.map(({ id }) => id), ...fresh].slice(0, limit);
  }
}
