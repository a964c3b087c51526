/**
 * Sends the faces of an outbox until each has its receipt: a new face at once, again after `retryMs` without a receipt,
 * then with doubled delays up to `maxRetryMs`. The face that is overdue longest goes first. At most `maxInFlight` faces
 * are in flight. When a broker is connected again, or the first receipt comes after an outage, all faces are due again.
 *
 * A face under which the connection breaks, or that gets no receipt while others do, is sent after all others and
 * evicted in the end (lib/connection_breaks.ts, silent_faces.ts).
 */
import { delay } from "../async/delay.ts";
import { Outage } from "../async/outage.ts";
import { ConnectionBreaks } from "../connection_breaks.ts";
import type { Receipt } from "../face/receipt.ts";
import { Attempts } from "./attempts.ts";
import type { Outbox, WaitingFace } from "./outbox.ts";
import { SilentFaces } from "./silent_faces.ts";

/** What a courier needs. Times in milliseconds. */
export interface CourierOptions {
  /** Publishes one face. After a rejection the face is sent again, as it is without a receipt. */
  readonly send: (bytes: Uint8Array) => Promise<void>;
  /** Whether a broker is connected. Without one nothing is sent. */
  readonly connected: () => boolean;
  /**
   * The final bytes of a provisional face; nothing to hold the face back until `reconsider`. Without this function all
   * faces are sent as they are.
   */
  readonly finalize?: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer> | undefined;
  readonly retryMs?: number;
  readonly maxRetryMs?: number;
  readonly maxInFlight?: number;
  /** Whether `send` resolves only when the broker has acknowledged the face (QoS 1), as it does by default. */
  readonly acknowledged?: boolean;
  /** Called when no face that was sent gets a receipt: at the start of the outage, and every ten minutes. */
  readonly onUnanswered?: (lastedMs: number) => void;
  /** Called when receipts come again. */
  readonly onAnswered?: () => void;
  /** Called for each receipt of a waiting face, with the time since the capture of the face, milliseconds. */
  readonly onReceipt?: (receipt: Receipt, ageMs: number) => void;
  /** Called for every face that the receiver rejected or the courier evicted. */
  readonly onEvicted?: (id: string, reason: string) => void;
  /** A monotonic clock. */
  readonly nowMs?: () => number;
  readonly delay?: typeof delay;
}

type Optional = "finalize" | "onReceipt" | "onEvicted" | "onUnanswered" | "onAnswered";

/** Interval at which the courier looks for faces that are due. */
const SWEEP_MS = 250;

/** The courier of one outbox. `run` it beside the detector. */
export class Courier {
  readonly #outbox: Outbox;
  readonly #options: Required<Omit<CourierOptions, Optional>> & Pick<CourierOptions, Optional>;
  readonly #attempts: Attempts;
  /** Faces that must not be sent yet. */
  readonly #held = new Set<string>();
  readonly #breaks: ConnectionBreaks;
  readonly #silent: SilentFaces;
  /** The outage of the path to the saver and back. */
  readonly #outage: Outage;
  #receiptMs = -Infinity;
  /** When a copy of a stored face was sent last, to find out whether the connection carries anything. */
  #probedMs = -Infinity;
  #wake: () => void = () => {};
  /** Called whenever faces may have left the outbox. */
  readonly #drainChecks = new Set<() => void>();
  /** How many times a face was sent again. */
  resent = 0;

  constructor(outbox: Outbox, options: CourierOptions) {
    this.#outbox = outbox;
    this.#options = {
      retryMs: 5_000,
      maxRetryMs: 60_000,
      maxInFlight: 16,
      acknowledged: true,
      nowMs: () => performance.now(),
      delay,
      ...options,
    };
    const { acknowledged, nowMs, retryMs: timeoutMs, send } = this.#options;
    this.#attempts = new Attempts(this.#options);
    this.#breaks = new ConnectionBreaks({ acknowledged, nowMs });
    this.#silent = new SilentFaces({ timeoutMs, nowMs, send: (bytes) => void send(bytes).catch(() => {}) });
    this.#outage = new Outage({
      down: (_, lastedMs) => options.onUnanswered?.(lastedMs),
      up: () => options.onAnswered?.(),
    }, { nowMs });
  }

  /** Call it when a face was added. */
  wake(): void {
    this.#wake();
  }

  /** Call it when a broker is connected: faces in flight may be lost, so all faces are due. */
  reconnected(): void {
    this.#attempts.resendAll((id) => this.#breaks.isSuspect(id));
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

  /** Whether a waiting face was sent since the start, so that it may be stored already. */
  wasSent(id: string): boolean {
    return this.#attempts.has(id);
  }

  /** Takes receipts: stored faces leave the outbox, rejected ones are evicted with an entry in the ledger. */
  async receive(receipts: readonly Receipt[]): Promise<void> {
    const wasDown = this.#outage.isDown;
    if (receipts.length > 0) {
      this.#receiptMs = this.#options.nowMs();
      this.#outage.worked();
    }
    for (const { id, refused } of receipts) {
      this.#breaks.arrived(id);
      const sentMs = this.#attempts.get(id)?.sentMs;
      this.#silent.answered(id, { sentMs, isStored: refused === undefined });
      const ageMs = this.#outbox.load.ageMs(id);
      if (ageMs !== undefined) this.#options.onReceipt?.({ id, refused }, ageMs);
      if (refused === undefined) await this.#outbox.remove(id);
      else if (await this.#outbox.evict(id, refused)) this.#options.onEvicted?.(id, refused);
      this.#attempts.delete(id);
    }
    if (wasDown && receipts.length > 0) {
      this.#attempts.resendIdle(this.#options.nowMs(), (id) => this.#breaks.isSuspect(id));
    }
    this.#checkDrained();
    this.#wake();
  }

  /** Sends until the signal is aborted. */
  async run({ signal }: { signal: AbortSignal }): Promise<void> {
    const stop = () => this.#wake();
    signal.addEventListener("abort", stop);
    while (!signal.aborted) {
      const woken = new Promise<void>((resolve) => this.#wake = resolve);
      if (this.#options.connected()) await this.#sendDue();
      this.#checkDrained();
      if (!signal.aborted) await this.#sleep(woken);
    }
    signal.removeEventListener("abort", stop);
  }

  /** Resolves when every face has left the outbox, or on abort. */
  async drained({ signal }: { signal: AbortSignal }): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const check = () => {
      if (this.#outbox.size === 0 || signal.aborted) resolve();
    };
    this.#drainChecks.add(check);
    signal.addEventListener("abort", check);
    check();
    await promise;
    signal.removeEventListener("abort", check);
    this.#drainChecks.delete(check);
  }

  #checkDrained(): void {
    for (const check of this.#drainChecks) check();
  }

  /** Sleeps until the courier is woken, or until faces may have become due. */
  async #sleep(woken: Promise<void>): Promise<void> {
    const timer = new AbortController();
    await Promise.race([woken, this.#options.delay(SWEEP_MS, timer)]);
    timer.abort();
  }

  async #sendDue(): Promise<void> {
    const nowMs = this.#options.nowMs();
    const isWaiting = (id: string) => this.#outbox.has(id);
    this.#attempts.keepOnly(isWaiting);
    for (const id of this.#held) if (!isWaiting(id)) this.#held.delete(id);
    this.#silent.keepOnly(isWaiting);
    for (
      const { id, bytes } of this.#due(nowMs, this.#options.maxInFlight - this.#attempts.inFlight(nowMs))
    ) {
      if (await this.#evictPoison(id, bytes)) continue;
      // A disk that does not answer is treated like a connection that breaks: the face is retried, the others go on.
      const face = await this.#final(id).catch(() => ({ id, bytes: undefined }));
      if (!face || !isWaiting(face.id)) continue;
      if (!this.#options.connected()) return;
      this.#send(face);
    }
  }

  /** A face as it is to be sent; nothing when it has left the outbox or is held back. */
  async #final(id: string): Promise<{ id: string; bytes?: Uint8Array } | undefined> {
    const bytes = await this.#outbox.read(id);
    if (!bytes || !this.#outbox.isProvisional(id)) return { id, bytes };
    const final = this.#options.finalize ? this.#options.finalize(bytes) : bytes;
    if (final) {
      const finalId = await this.#outbox.finalize(id, final);
      return finalId === undefined ? undefined : { id: finalId, bytes: final };
    }
    this.#held.add(id);
    this.#wake(); // The next face takes its place.
  }

  #send({ id, bytes }: { id: string; bytes?: Uint8Array }): void {
    const before = this.#attempts.sent(id, this.#options.nowMs());
    if (!bytes) return;
    if (before) this.resent++;
    if (before?.delayMs) {
      this.#silent.goesUnanswered(id, before.sentMs);
      if (before.sentMs > this.#receiptMs) this.#outage.failed("no receipt");
    }
    this.#silent.sent(id, bytes);
    this.#publish(id, bytes);
  }

  #publish(id: string, bytes: Uint8Array): void {
    this.#breaks.started(id);
    this.#options.send(bytes).then(
      () => this.#breaks.sent(id),
      () => this.#breaks.failed(id), // No receipt will come, so the face is sent again.
    ).finally(() => this.#breaks.underWay === 0 && this.#wake());
  }

  /** Whether a suspect may be sent now, alone. Sends a copy of a stored face first when nothing else was carried. */
  #mayGoAlone(id: string, nowMs: number): boolean {
    if (this.#breaks.underWay > 0) return false;
    const { probe } = this.#silent;
    if (!probe || !this.#breaks.needsProof(id)) return true;
    if (nowMs - this.#probedMs >= this.#options.retryMs) {
      this.#probedMs = nowMs;
      this.#publish(probe.id, probe.bytes);
    }
    return false;
  }

  #isSuspect(id: string): boolean {
    return this.#breaks.isSuspect(id) || this.#silent.isSuspect(id);
  }

  #isPoison(id: string): boolean {
    return this.#breaks.isPoison(id) || this.#silent.isPoison(id);
  }

  /** Evicts a face that breaks the connection or is dropped on the path. Returns whether it did. */
  async #evictPoison(id: string, bytes: number): Promise<boolean> {
    if (!this.#isPoison(id)) return false;
    const reason = this.#breaks.isPoison(id)
      ? "the connection to the broker breaks whenever it is sent"
      : "no receipt comes for it while others get theirs";
    const text = `${reason} (${bytes} bytes)`;
    if (await this.#outbox.evict(id, text)) this.#options.onEvicted?.(id, text);
    this.#attempts.delete(id);
    return true;
  }

  /**
   * Up to `limit` faces that are due: faces to send again, longest overdue first, then new faces in order. One suspect,
   * and only when no other face is due. While a face that may break the connection is being sent, no face is due.
   */
  #due(nowMs: number, limit: number): WaitingFace[] {
    if (this.#isSendingSuspect()) return [];
    const fresh: WaitingFace[] = [];
    const again: { face: WaitingFace; dueMs: number }[] = [];
    const suspects: typeof again = [];
    for (const face of this.#outbox.waiting()) {
      if (this.#held.has(face.id)) continue;
      const attempt = this.#attempts.get(face.id);
      if (!attempt) fresh.push(face);
      else if (attempt.dueMs <= nowMs || this.#isPoison(face.id)) {
        (this.#isSuspect(face.id) ? suspects : again).push({ face, dueMs: attempt.dueMs });
      }
      if (fresh.length > 0 && fresh.length >= limit) break;
    }
    const byTime = (a: { dueMs: number }, b: { dueMs: number }) => a.dueMs - b.dueMs;
    const due = [...again.sort(byTime).map(({ face }) => face), ...fresh];
    if (due.length > 0) return due.slice(0, Math.max(0, limit));
    const suspect = suspects.sort(byTime).find(({ face: { id } }) =>
      this.#isPoison(id) ||
      (this.#breaks.isSuspect(id) ? this.#mayGoAlone(id, nowMs) : this.#silent.mayGo(id))
    );
    return suspect ? [suspect.face] : [];
  }

  #isSendingSuspect(): boolean {
    const [id] = this.#breaks.allUnderWay;
    return id !== undefined && this.#breaks.isSuspect(id);
  }
}
