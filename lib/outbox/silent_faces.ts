/**
 * Faces that get no receipt although others do: a broker or a program on the path drops them, mostly for their size.
 *
 * A face that was sent three times becomes a suspect when a receipt came for something that was sent after it. It is
 * then sent between two probes: copies of a face that is stored already, whose receipts come as long as the path is
 * open.
 *
 *     send the probe -> receipt -> send the face, send the probe -> receipt of the probe, none of the face: counts
 *
 * After three such rounds the face is poison: it is evicted. While no receipt comes, no face is.
 */

/** Sendings without a receipt after which a face is a suspect, and rounds after which it is poison. */
const SUSPECT_TIMES = 3;
const POISON_ROUNDS = 3;
/** Maximum size of a probe. */
const MAX_PROBE_BYTES = 64 * 2 ** 10;
/** While no receipt comes, probes are at least this many timeouts apart. */
const PROBE_TIMEOUTS = 10;

interface Probe {
  readonly id: string;
  readonly bytes: Uint8Array;
}

/** One round of a suspect. */
interface Round {
  readonly id: string;
  sinceMs: number;
  stage: "first probe sent" | "first probe answered" | "face sent" | "second probe answered";
}

/** What it needs. Times in milliseconds. */
export interface SilentFacesOptions {
  /** Sends a copy of a face that is stored. */
  readonly send: (bytes: Uint8Array) => void;
  /** How long a receipt is awaited. */
  readonly timeoutMs: number;
  readonly nowMs: () => number;
}

/** Finds the faces of one courier that are dropped on the path. */
export class SilentFaces {
  readonly #options: SilentFacesOptions;
  readonly #unanswered = new Map<string, { readonly firstSentMs: number; times: number; rounds: number }>();
  /** A small face that is stored. */
  #probe?: Probe;
  /** A small face that was sent: it is the next probe if it is stored. */
  #nextProbe?: Probe;
  /** The latest sending of a face that got its receipt. */
  #answeredSentMs = -Infinity;
  /** When a probe was sent last outside of a round. */
  #probedMs = -Infinity;
  #round?: Round;

  constructor(options: SilentFacesOptions) {
    this.#options = options;
  }

  /** A small face that is stored, so that each copy of it gets a receipt while the path is open. */
  get probe(): Probe | undefined {
    return this.#probe;
  }

  /** Whether a face is to be sent after all others, and only when `mayGo`. */
  isSuspect(id: string): boolean {
    return (this.#unanswered.get(id)?.times ?? 0) >= SUSPECT_TIMES;
  }

  /** Whether a face is dropped on the path for sure. */
  isPoison(id: string): boolean {
    return (this.#unanswered.get(id)?.rounds ?? 0) >= POISON_ROUNDS;
  }

  /** A receipt came. `sentMs` is when its face was sent last; absent when the face did not wait here. */
  answered(id: string, { sentMs = -Infinity, isStored }: { sentMs?: number; isStored: boolean }): void {
    const answeredSentMs = id === this.#probe?.id ? Math.max(sentMs, this.#probedMs) : sentMs;
    this.#answeredSentMs = Math.max(this.#answeredSentMs, answeredSentMs);
    this.#unanswered.delete(id);
    if (id === this.#nextProbe?.id) {
      if (isStored) this.#probe = this.#nextProbe;
      this.#nextProbe = undefined;
    }
    if (id === this.#round?.id) this.#round = undefined;
    if (id !== this.#probe?.id || !this.#round) return;
    if (this.#round.stage === "first probe sent") this.#round.stage = "first probe answered";
    if (this.#round.stage === "face sent") this.#round.stage = "second probe answered";
  }

  /** A face that was sent at `sentMs` had no receipt in time. */
  goesUnanswered(id: string, sentMs: number): void {
    if (id === this.#nextProbe?.id) this.#nextProbe = undefined;
    if (this.isSuspect(id)) return;
    const own = this.#unanswered.get(id) ?? { firstSentMs: sentMs, times: 0, rounds: 0 };
    this.#unanswered.set(id, own);
    if (this.#answeredSentMs > own.firstSentMs) own.times++;
    else this.#sendProbe();
  }

  /** Finds out whether the path is open although no other face is sent. */
  #sendProbe(): void {
    const { nowMs: now, timeoutMs, send } = this.#options;
    const nowMs = now();
    if (!this.#probe || nowMs - this.#probedMs < PROBE_TIMEOUTS * timeoutMs) return;
    this.#probedMs = nowMs;
    send(this.#probe.bytes);
  }

  /** Whether a suspect may be sent now. Starts its round when there is none. */
  mayGo(id: string): boolean {
    this.#endRound();
    if (this.#round) return this.#round.id === id && this.#round.stage === "first probe answered";
    if (!this.#probe) return true; // Without a probe nothing shows whether the path is open: the sending does not count.
    this.#round = { id, sinceMs: this.#options.nowMs(), stage: "first probe sent" };
    this.#options.send(this.#probe.bytes);
    return false;
  }

  /** A face is sent. */
  sent(id: string, bytes: Uint8Array): void {
    if (bytes.length <= MAX_PROBE_BYTES) this.#nextProbe ??= { id, bytes };
    if (this.#round?.id !== id || this.#round.stage !== "first probe answered") return;
    this.#round.stage = "face sent";
    this.#round.sinceMs = this.#options.nowMs();
    this.#options.send(this.#probe!.bytes);
  }

  /** Removes the faces that have left the outbox. */
  keepOnly(isWaiting: (id: string) => boolean): void {
    for (const id of this.#unanswered.keys()) if (!isWaiting(id)) this.#unanswered.delete(id);
    if (this.#nextProbe && !isWaiting(this.#nextProbe.id)) this.#nextProbe = undefined;
    if (this.#round && !isWaiting(this.#round.id)) this.#round = undefined;
    this.#endRound();
  }

  #endRound(): void {
    const { nowMs, timeoutMs } = this.#options;
    if (!this.#round || nowMs() - this.#round.sinceMs < timeoutMs) return;
    const own = this.#unanswered.get(this.#round.id);
    if (own && this.#round.stage === "second probe answered") own.rounds++;
    this.#round = undefined;
  }
}
