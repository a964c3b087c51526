/**
 * Faces that get no receipt although others do: a broker or a program on the way drops them without a word, mostly for
 * their size. A face that was sent three times is suspected once a receipt came for something that was sent after it. It
 * is then sent between two copies of a face that is stored already, whose receipts come again as long as the way is open.
 * Three times without a receipt between two that came, and it is given up. While nothing gets through, nobody is.
 */

const SUSPECTED = 3;
const GUILTY = 3;
/** A face that is sent to show that the way is open is no larger than this. */
const MAX_CONTROL_BYTES = 64 * 2 ** 10;
/** While nothing is answered, such a copy is sent no more often than once in so many times the patience. */
const ASK_PATIENCES = 10;

interface Control {
  readonly id: string;
  readonly bytes: Uint8Array;
}

/** A suspected face on trial. */
interface Trial {
  readonly id: string;
  sinceMs: number;
  /** The first copy was sent, was answered; the face and the second copy were sent, the copy was answered. */
  stage: "asked" | "open" | "sent" | "still open";
}

/** What it needs. */
export interface SilentFacesOptions {
  /** Sends a copy of a face that is stored. */
  readonly send: (bytes: Uint8Array) => void;
  /** How long a receipt is waited for, milliseconds. */
  readonly patienceMs: number;
}

/** Counts what is not answered, for one courier. */
export class SilentFaces {
  readonly #options: SilentFacesOptions;
  readonly #unanswered = new Map<string, { readonly firstSentMs: number; times: number; proved: number }>();
  /** A face that is stored, and one that may be soon. */
  #control?: Control;
  #candidate?: Control;
  /** When that face was sent which was sent last of those that were answered. */
  #answeredSentMs = -Infinity;
  /** When a copy was sent last outside of a trial. */
  #askedMs = -Infinity;
  #trial?: Trial;

  constructor(options: SilentFacesOptions) {
    this.#options = options;
  }

  /** A small face that is stored: a copy of it shows whether the way is open. */
  get control(): Control | undefined {
    return this.#control;
  }

  /** Whether a face is to be sent after all others, and only when `mayGo`. */
  isSuspected(id: string): boolean {
    return (this.#unanswered.get(id)?.times ?? 0) >= SUSPECTED;
  }

  /** Whether a face is dropped on the way for sure. */
  isGuilty(id: string): boolean {
    return (this.#unanswered.get(id)?.proved ?? 0) >= GUILTY;
  }

  /** A receipt for a face came, which was sent at `sentMs` if it was one that waited. */
  answered(id: string, { sentMs = -Infinity, isStored }: { sentMs?: number; isStored: boolean }): void {
    const answeredSentMs = id === this.#control?.id ? Math.max(sentMs, this.#askedMs) : sentMs;
    this.#answeredSentMs = Math.max(this.#answeredSentMs, answeredSentMs);
    this.#unanswered.delete(id);
    if (id === this.#candidate?.id) {
      if (isStored) this.#control = this.#candidate;
      this.#candidate = undefined;
    }
    if (id === this.#trial?.id) this.#trial = undefined;
    if (id !== this.#control?.id || !this.#trial) return;
    if (this.#trial.stage === "asked") this.#trial.stage = "open";
    if (this.#trial.stage === "sent") this.#trial.stage = "still open";
  }

  /** A face that was sent at `sentMs` had no receipt in time. */
  goesUnanswered(id: string, sentMs: number): void {
    if (id === this.#candidate?.id) this.#candidate = undefined;
    if (this.isSuspected(id)) return;
    const own = this.#unanswered.get(id) ?? { firstSentMs: sentMs, times: 0, proved: 0 };
    this.#unanswered.set(id, own);
    if (this.#answeredSentMs > own.firstSentMs) own.times++;
    else this.#ask();
  }

  /** Finds out whether the way is open although nothing else is sent. */
  #ask(): void {
    const nowMs = performance.now();
    if (!this.#control || nowMs - this.#askedMs < ASK_PATIENCES * this.#options.patienceMs) return;
    this.#askedMs = nowMs;
    this.#options.send(this.#control.bytes);
  }

  /** Whether a suspected face may be sent now; when nobody is on trial, its trial begins. */
  mayGo(id: string): boolean {
    this.#endTrial();
    if (this.#trial) return this.#trial.id === id && this.#trial.stage === "open";
    if (!this.#control) return true; // Nothing shows whether the way is open: it counts for nothing.
    this.#trial = { id, sinceMs: performance.now(), stage: "asked" };
    this.#options.send(this.#control.bytes);
    return false;
  }

  /** A face is sent. */
  sent(id: string, bytes: Uint8Array): void {
    if (bytes.length <= MAX_CONTROL_BYTES) this.#candidate ??= { id, bytes };
    if (this.#trial?.id !== id || this.#trial.stage !== "open") return;
    this.#trial.stage = "sent";
    this.#trial.sinceMs = performance.now();
    this.#options.send(this.#control!.bytes);
  }

  /** Forgets faces that have left. */
  keepOnly(isWaiting: (id: string) => boolean): void {
    for (const id of this.#unanswered.keys()) if (!isWaiting(id)) this.#unanswered.delete(id);
    if (this.#candidate && !isWaiting(this.#candidate.id)) this.#candidate = undefined;
    if (this.#trial && !isWaiting(this.#trial.id)) this.#trial = undefined;
    this.#endTrial();
  }

  #endTrial(): void {
    if (!this.#trial || performance.now() - this.#trial.sinceMs < this.#options.patienceMs) return;
    const own = this.#unanswered.get(this.#trial.id);
    if (own && this.#trial.stage === "still open") own.proved++;
    this.#trial = undefined;
  }
}
