/**
 * Sends the faces of an outbox until each has its receipt: at once when it is new, again after `retryMs` without a
 * receipt, then twice as long up to `maxRetryMs`. The face that is longest due goes first, at most `maxInFlight` are
 * on their way, and when a broker comes back, or the first receipt after an outage, all are due again.
 *
 * A face under which the connection breaks, or that gets no receipt while others do, goes after all others and is given
 * up in the end (lib/connection_breaks.ts, silent_faces.ts).
 */
import { Breaks } from "../connection_breaks.ts";
import type { Receipt } from "../face/receipt.ts";
import { Outage } from "../async/outage.ts";
import { atMost, delay } from "../async/delay.ts";
import type { Outbox, WaitingFace } from "./outbox.ts";
import { SilentFaces } from "./silent_faces.ts";

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
  /** Whether `send` resolves only when the broker has taken the face (QoS 1), as it does by default. */
  readonly acknowledged?: boolean;
  /** Told when no receipt comes for anything that was sent: once at the start, and every ten minutes. */
  readonly onUnanswered?: (lastedMs: number) => void;
  /** Told when receipts come again. */
  readonly onAnswered?: () => void;
  /** Told of every face that was refused or given up. */
  readonly onRefused?: (id: string, reason: string) => void;
}

type Optional = "settle" | "onRefused" | "onUnanswered" | "onAnswered";

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
  readonly #breaks: Breaks;
  readonly #silent: SilentFaces;
  /** The way to the saver and back. */
  readonly #way: Outage;
  #receiptMs = -Infinity;
  /** When a copy of a stored face was sent last, to show whether the connection bears anything. */
  #askedMs = -Infinity;
  #wake: () => void = () => {};
  /** How many times a face was sent again. */
  resent = 0;

  constructor(outbox: Outbox, options: CourierOptions) {
    this.#outbox = outbox;
    this.#options = { retryMs: 5_000, maxRetryMs: 60_000, maxInFlight: 16, acknowledged: true, ...options };
    const { acknowledged, retryMs: patienceMs, send } = this.#options;
    this.#breaks = new Breaks({ acknowledged });
    this.#silent = new SilentFaces({ patienceMs, send: (bytes) => void send(bytes).catch(() => {}) });
    this.#way = new Outage({
      down: (_, lastedMs) => options.onUnanswered?.(lastedMs),
      up: () => options.onAnswered?.(),
    });
  }

  /** Call it when a face was added. */
  wake(): void {
    this.#wake();
  }

  /** Call it when a broker is connected: whatever was on its way may be lost, so all faces are due. */
  reconnected(): void {
    for (const id of this.#attempts.keys()) {
      if (!this.#breaks.isSuspected(id)) this.#attempts.set(id, AT_ONCE);
    }
    this.#wake();
  }

  /** Call it when the connection breaks. */
  disconnected(): void {
    this.#breaks.lost();
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
    const wasDown = this.#way.isDown;
    if (receipts.length > 0) {
      this.#receiptMs = performance.now();
      this.#way.worked();
    }
    for (const { id, refused } of receipts) {
      this.#breaks.arrived(id);
      const sentMs = this.#attempts.get(id)?.sentMs;
      this.#silent.answered(id, { sentMs, isStored: refused === undefined });
      const was = refused === undefined
        ? await this.#outbox.remove(id)
        : await this.#outbox.evict(id, refused);
      if (was && refused !== undefined) this.#options.onRefused?.(id, refused);
      this.#attempts.delete(id);
    }
    if (wasDown && receipts.length > 0) this.#resendAllSoon();
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
    while (this.#outbox.size > 0 && !signal.aborted) await delay(20, { signal });
  }

  async #sendDue(): Promise<void> {
    const { maxInFlight, retryMs } = this.#options;
    const nowMs = performance.now();
    for (const id of this.#attempts.keys()) if (!this.#outbox.has(id)) this.#attempts.delete(id);
    for (const id of this.#held) if (!this.#outbox.has(id)) this.#held.delete(id);
    this.#silent.keepOnly((id) => this.#outbox.has(id));
    // A face that was never answered holds its place for the first delay only, so that it cannot block the others.
    const inFlight = this.#attempts.values().filter(({ sentMs }) => nowMs - sentMs < retryMs);
    const free = maxInFlight - Array.from(inFlight).length;
    for (const { id, bytes } of this.#due(nowMs, free)) {
      if (await this.#isGivenUp(id, bytes)) continue;
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
    if (!bytes || !this.#outbox.isProvisional(id)) return { id, bytes };
    const settled = this.#options.settle ? this.#options.settle(bytes) : bytes;
    if (settled) {
      const finalId = await this.#outbox.finalize(id, settled);
      return finalId === undefined ? undefined : { id: finalId, bytes: settled };
    }
    this.#held.add(id);
    this.#wake(); // Its place is free for the next one.
  }

  #send({ id, bytes }: { id: string; bytes?: Uint8Array }): void {
    const { retryMs, maxRetryMs } = this.#options;
    const before = this.#attempts.get(id);
    const delayMs = before?.delayMs ? Math.min(maxRetryMs, before.delayMs * 2) : retryMs;
    const sentMs = performance.now();
    this.#attempts.set(id, { sentMs, dueMs: sentMs + delayMs, delayMs });
    if (!bytes) return;
    if (before) this.resent++;
    if (before?.delayMs) {
      this.#silent.goesUnanswered(id, before.sentMs);
      if (before.sentMs > this.#receiptMs) this.#way.failed("no receipt");
    }
    this.#silent.sent(id, bytes);
    this.#handOver(id, bytes);
  }

  #handOver(id: string, bytes: Uint8Array): void {
    this.#breaks.begins(id);
    this.#options.send(bytes).then(
      () => this.#breaks.sent(id),
      () => this.#breaks.failed(id), // No receipt will come, it is sent again.
    ).finally(() => this.#breaks.underWay === 0 && this.#wake());
  }

  /** Whether a face under which the connection broke may be tried alone; first a copy of a stored one is, if need be. */
  #mayGoAlone(id: string, nowMs: number): boolean {
    if (this.#breaks.underWay > 0) return false;
    const { control } = this.#silent;
    if (!control || !this.#breaks.needsProof(id)) return true;
    if (nowMs - this.#askedMs >= this.#options.retryMs) {
      this.#askedMs = nowMs;
      this.#handOver(control.id, control.bytes);
    }
    return false;
  }

  /** After an outage: what is not on its way now is due at once, however long its delay had become. */
  #resendAllSoon(): void {
    const { retryMs } = this.#options;
    const nowMs = performance.now();
    for (const [id, { sentMs, dueMs }] of this.#attempts) {
      if (this.#breaks.isSuspected(id)) continue;
      const onItsWay = { sentMs, dueMs: Math.min(dueMs, nowMs + retryMs), delayMs: retryMs };
      this.#attempts.set(id, nowMs - sentMs <= retryMs ? onItsWay : AT_ONCE);
    }
  }

  #isSuspected(id: string): boolean {
    return this.#breaks.isSuspected(id) || this.#silent.isSuspected(id);
  }

  #isGuilty(id: string): boolean {
    return this.#breaks.isGuilty(id) || this.#silent.isGuilty(id);
  }

  /** Gives a face up that was found out to be no good for the way; the others go on. */
  async #isGivenUp(id: string, bytes: number): Promise<boolean> {
    const reason = this.#breaks.isGuilty(id)
      ? "the connection to the broker breaks whenever it is sent"
      : this.#silent.isGuilty(id)
      ? "no receipt comes for it while others get theirs"
      : undefined;
    if (reason === undefined) return false;
    const text = `${reason} (${bytes} bytes)`;
    if (await this.#outbox.evict(id, text)) this.#options.onRefused?.(id, text);
    this.#attempts.delete(id);
    return true;
  }

  /**
   * Up to `limit` faces whose time has come: those sent before, longest due first, then those never sent, in order.
   * Only when there is none of them, one that is suspected: while that is being sent, nothing else is.
   */
  #due(nowMs: number, limit: number): WaitingFace[] {
    if (this.#isAlone()) return [];
    const fresh: WaitingFace[] = [];
    const again: { face: WaitingFace; dueMs: number }[] = [];
    const suspected: typeof again = [];
    for (const face of this.#outbox.waiting()) {
      if (this.#held.has(face.id)) continue;
      const attempt = this.#attempts.get(face.id);
      if (!attempt) fresh.push(face);
      else if (attempt.dueMs <= nowMs || this.#isGuilty(face.id)) {
        (this.#isSuspected(face.id) ? suspected : again).push({ face, dueMs: attempt.dueMs });
      }
      if (fresh.length > 0 && fresh.length >= limit) break;
    }
    const byTime = (a: { dueMs: number }, b: { dueMs: number }) => a.dueMs - b.dueMs;
    const due = [...again.sort(byTime).map(({ face }) => face), ...fresh];
    if (due.length > 0) return due.slice(0, Math.max(0, limit));
    const last = suspected.sort(byTime).map(({ face }) => face).find(({ id }) =>
      this.#isGuilty(id) ||
      (this.#breaks.isSuspected(id) ? this.#mayGoAlone(id, nowMs) : this.#silent.mayGo(id))
    );
    return last ? [last] : [];
  }

  /** Whether a face that may break the connection is being sent. */
  #isAlone(): boolean {
    const [id] = this.#breaks.allUnderWay;
    return id !== undefined && this.#breaks.isSuspected(id);
  }
}
