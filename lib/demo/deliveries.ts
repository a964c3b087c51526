/** The account of the demo: every face that a detector has published, until its receipt is back on the board. */
import { RecentIds } from "../face/recent_ids.ts";
import type { Receipt } from "../face/receipt.ts";

/** Identities that are kept, so that a face that is sent again is counted once. */
const RECENT = 10_000;
/** Delivery times that the percentiles are taken of: the latest ones. */
const MAX_TIMES = 1_000;
/** The chart of the last minute: one value for each slot. */
const SLOTS = 12;
const SLOT_MS = 5_000;

/** A face that a detector has published. */
export interface PublishedFace {
  readonly id: string;
  readonly camera: string;
  readonly bytes: number;
}

/** Counts faces. Times are monotonic, in milliseconds. */
export class Deliveries {
  readonly #known = new RecentIds(RECENT);
  readonly #waiting = new Map<string, PublishedFace & { readonly sinceMs: number }>();
  readonly #timesMs: number[] = [];
  #slots: { readonly slot: number; faces: number }[] = [];
  detected = 0;
  stored = 0;
  rejected = 0;
  storedBytes = 0;
  longestMs = 0;
  /** When the first receipt arrived. */
  firstStoredMs: number | undefined;

  /** @param nowMs a monotonic time. */
  constructor(private readonly nowMs: () => number = () => performance.now()) {}

  /** A face was published. Returns false for one that was sent again. */
  published(face: PublishedFace): boolean {
    if (!this.#known.add(face.id)) return false;
    this.detected++;
    this.#waiting.set(face.id, { ...face, sinceMs: this.nowMs() });
    const slot = Math.floor(this.nowMs() / SLOT_MS);
    const last = this.#slots.at(-1);
    if (last?.slot === slot) last.faces++;
    else this.#slots = [...this.#slots, { slot, faces: 1 }].slice(-SLOTS);
    return true;
  }

  /** A receipt arrived. One of an unknown face, or a second one, changes nothing. */
  received({ id, refused }: Receipt): void {
    const face = this.#waiting.get(id);
    if (!face) return;
    this.#waiting.delete(id);
    const tookMs = this.nowMs() - face.sinceMs;
    this.longestMs = Math.max(this.longestMs, tookMs);
    this.#timesMs.push(tookMs);
    if (this.#timesMs.length > MAX_TIMES) this.#timesMs.shift();
    if (refused !== undefined) return void this.rejected++;
    this.stored++;
    this.storedBytes += face.bytes;
    this.firstStoredMs ??= this.nowMs();
  }

  /** The number of faces without a receipt, of one camera or of all. */
  waiting(camera?: string): number {
    if (camera === undefined) return this.#waiting.size;
    return [...this.#waiting.values()].filter((face) => face.camera === camera).length;
  }

  /** How long the oldest face has been waiting; 0 when none is. */
  get longestWaitMs(): number {
    for (const { sinceMs } of this.#waiting.values()) return this.nowMs() - sinceMs; // The first one is the oldest.
    return 0;
  }

  /** The time from the first publish to the receipt that this share of the faces did not exceed; nothing without one. */
  percentileMs(share: number): number | undefined {
    const sorted = this.#timesMs.toSorted((one, other) => one - other);
    return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)];
  }

  /** The faces of the last minute, twelve slots of five seconds, the newest last. */
  lastMinute(): number[] {
    const now = Math.floor(this.nowMs() / SLOT_MS);
    return Array.from(
      { length: SLOTS },
      (_, at) => this.#slots.find(({ slot }) => slot === now - SLOTS + 1 + at)?.faces ?? 0,
    );
  }
}
