/**
 * Sends the visits of one service, one at a time.
 *
 *     visit ──▶ queue ──▶ service ──▶ sent
 *                 │ ▲         │
 *                 │ └─ retry ─┘ after a delay, or after what the service asks for
 *                 ▼
 *              summary ──▶ service        what is too old, too much, or in quiet hours
 *
 * Everything is bounded: beyond the limits of the queue, and after `maxAgeMs`, a visit is only counted in the summary.
 * Senders share nothing, so a service that is away delays no other one.
 */
import { Backoff } from "../async/backoff.ts";
import { messageOf, RejectedMessageError } from "../errors.ts";
import type { Composer } from "./composer.ts";
import type { HourlyLimit } from "./hourly_limit.ts";
import { type NoticedFace, withoutPicture } from "./noticed_face.ts";
import { type Notification, type Service, ServiceError, type SummaryFacts } from "./notification.ts";
import { Summary } from "./summary.ts";

/** Maximum number of queued notifications, and size of their pictures. */
const MAX_QUEUED = 16;
const MAX_QUEUED_BYTES = 8 * 2 ** 20;
/** Delays between attempts: the first, and the longest, also where the service asks for more. */
const FIRST_RETRY_MS = 1_000;
const MAX_RETRY_MS = 300_000;
const MAX_RETRY_AFTER_MS = 3_600_000;
/** A summary waits for further visits at most this many times as long as `summaryAfterMs`. */
const MAX_SUMMARY_DELAYS = 10;
/** In quiet hours the clock is read at this interval: it may be set meanwhile. */
const QUIET_CHECK_MS = 60_000;
/** A request that is under way when the program stops gets this long. */
const STOP_MS = 3_000;

/** What a sender needs. */
export interface SenderOptions {
  readonly composer: Composer;
  /** An older visit is no message of its own. */
  readonly maxAgeMs: number;
  /** A summary is sent when no visit was added to it for this long. */
  readonly summaryAfterMs: number;
  readonly limit: HourlyLimit;
  readonly isQuiet: () => boolean;
  /** Monotonic time, milliseconds. */
  readonly nowMs: () => number;
  readonly delay: (delayMs: number, options: { signal: AbortSignal }) => Promise<void>;
  /** The state before an attempt and after a success is written, so that a restart repeats nothing. */
  readonly save: () => Promise<void>;
  /** The reference of the message of a visit; and a function that keeps it. */
  readonly referenceOf: (visitKey: string) => string | undefined;
  readonly onSent: (notification: Notification, reference: string | undefined) => void;
  /** Called for each failure with its reason, and for each success without one. */
  readonly onOutage: (reason?: string, hint?: string) => void;
  readonly onRejected: (reason: string) => void;
  readonly signal: AbortSignal;
}

interface Queued {
  readonly event: "visit" | "update";
  face: NoticedFace;
}

export class Sender {
  #queue: Queued[] = [];
  #summary = new Summary();
  #summaryFirstMs = 0;
  #summaryLastMs = 0;
  /** The notification under way. */
  #current?: Queued | Summary;
  #wake = Promise.withResolvers<void>();
  readonly #backoff = new Backoff({ firstMs: FIRST_RETRY_MS, maxMs: MAX_RETRY_MS });

  constructor(readonly service: Service, private readonly options: SenderOptions) {}

  /** What waits, as a summary. */
  get waiting(): SummaryFacts {
    const all = new Summary();
    all.add(this.#summary.facts);
    if (this.#current instanceof Summary) all.add(this.#current.facts);
    for (const { event, face } of this.#queue) if (event === "visit") all.addFace(face);
    return all.facts;
  }

  /** Adds a visit. */
  visit(face: NoticedFace): void {
    this.#add({ event: "visit", face });
  }

  /** Adds visits that one message covers. */
  summarise(facts: SummaryFacts): void {
    const nowMs = this.options.nowMs();
    if (this.#summary.visits === 0) this.#summaryFirstMs = nowMs;
    this.#summaryLastMs = nowMs;
    this.#summary.add(facts);
    this.#awake();
  }

  /** A better picture of a visit: for its message if that waits or was sent, otherwise for nothing. */
  update(face: NoticedFace): void {
    const queued = this.#queue.find((one) => one !== this.#current && one.face.visitKey === face.visitKey);
    if (queued) {
      queued.face = { ...face, takenMs: queued.face.takenMs };
      return;
    }
    const isUnderWay = this.#queue.some((one) => one.face.visitKey === face.visitKey);
    const isSent = this.options.referenceOf(face.visitKey) !== undefined;
    if (this.service.canUpdate && face.picture && (isUnderWay || isSent)) {
      this.#add({ event: "update", face });
    }
  }

  /** Sends until the signal is aborted. Never rejects. */
  async run(): Promise<void> {
    const { signal } = this.options;
    const stop = () => this.#awake();
    signal.addEventListener("abort", stop);
    while (!signal.aborted) {
      const next = this.#next();
      if (typeof next === "number") await this.#sleep(next);
      else await this.#attempt(next);
    }
    signal.removeEventListener("abort", stop);
  }

  /** Sleeps until the sender is woken, or until this time has passed. */
  async #sleep(waitMs: number): Promise<void> {
    const timer = new AbortController();
    const passed = waitMs === Infinity ? [] : [this.options.delay(waitMs, timer)];
    await Promise.race([this.#wake.promise, ...passed]);
    timer.abort();
    this.#wake = Promise.withResolvers();
  }

  #add(queued: Queued): void {
    this.#queue.push(queued);
    while (
      this.#queue.length > MAX_QUEUED || (this.#queue.length > 1 && this.#queuedBytes() > MAX_QUEUED_BYTES)
    ) {
      const oldest = this.#queue.find((one) => one !== this.#current)!;
      this.#toSummary(oldest);
    }
    this.#awake();
  }

  #queuedBytes(): number {
    return this.#queue.reduce((sum, { face }) => sum + (face.picture?.bytes.length ?? 0), 0);
  }

  #awake(): void {
    this.#wake.resolve();
  }

  /** Removes from the queue; a visit is counted in the summary, an update is dropped. */
  #toSummary(queued: Queued): void {
    this.#queue = this.#queue.filter((one) => one !== queued);
    if (queued.event === "update") return;
    const one = new Summary();
    one.addFace(queued.face);
    this.summarise(one.facts);
  }

  /** What to send now, or the time to wait in milliseconds. */
  #next(): Queued | Summary | number {
    const { nowMs, maxAgeMs, isQuiet, limit, summaryAfterMs } = this.options;
    const now = nowMs();
    const isHeld = isQuiet() || limit.waitMs(now) > 0;
    for (const queued of [...this.#queue]) {
      const isOld = now - queued.face.takenMs > maxAgeMs;
      if (isOld || (isHeld && queued.event === "visit") || this.#updatesNothing(queued)) {
        this.#toSummary(queued);
      }
    }
    if (this.#queue.length > 0) return this.#queue[0];
    if (this.#summary.visits === 0) return Infinity;
    const latestMs = this.#summaryFirstMs + MAX_SUMMARY_DELAYS * summaryAfterMs;
    const dueMs = Math.min(this.#summaryLastMs + summaryAfterMs, latestMs) - now;
    const waitMs = Math.max(0, dueMs, limit.waitMs(now), isQuiet() ? QUIET_CHECK_MS : 0);
    return waitMs > 0 ? waitMs : this.#summary;
  }

  /** Whether it is an update of a message that was not sent and will not be: its visit is in a summary, or was rejected. */
  #updatesNothing({ event, face: { visitKey } }: Queued): boolean {
    if (event === "visit" || this.options.referenceOf(visitKey) !== undefined) return false;
    return !this.#queue.some((one) => one.event === "visit" && one.face.visitKey === visitKey);
  }

  async #attempt(next: Queued | Summary): Promise<void> {
    const { save, nowMs, limit, onSent, onOutage, onRejected } = this.options;
    this.#current = next;
    // Visits that are added to a summary under way belong to the next one.
    if (next instanceof Summary) this.#summary = new Summary();
    const notification = this.#composed(next);
    try {
      await save();
      const reference = await this.#send(notification);
      if (notification.event !== "update") limit.sent(nowMs());
      this.#done(next);
      onSent(notification, reference);
      onOutage();
      await save();
    } catch (error) {
      if (error instanceof RejectedMessageError) {
        onRejected(error.message);
        // The text alone may pass: pictures are too large for a service more often than texts.
        const isVisit = !(next instanceof Summary) && next.event === "visit" &&
          notification.picture !== undefined;
        if (isVisit) {
          next.face = withoutPicture(next.face);
          return;
        }
        this.#done(next);
        if (notification.event !== "update") limit.sent(nowMs());
        return;
      }
      this.#current = undefined;
      if (next instanceof Summary) this.#restore(next);
      await this.#pause(error, onOutage);
    }
  }

  #composed(next: Queued | Summary): Notification {
    const { composer, referenceOf } = this.options;
    if (next instanceof Summary) return composer.ofSummary(next.facts);
    const { event, face } = next;
    return composer.ofFace(face, {
      event,
      ...(event === "update" && { reference: referenceOf(face.visitKey) }),
    });
  }

  #done(next: Queued | Summary): void {
    this.#current = undefined;
    this.#queue = this.#queue.filter((one) => one !== next);
  }

  /** A summary that could not be sent is due at once, together with what was added meanwhile. */
  #restore(summary: Summary): void {
    summary.add(this.#summary.facts);
    this.#summary = summary;
  }

  async #pause(error: unknown, onOutage: SenderOptions["onOutage"]): Promise<void> {
    const { signal, delay, nowMs } = this.options;
    if (signal.aborted) return;
    const { hint, retryAfterMs = 0 } = error instanceof ServiceError ? error.options : {};
    onOutage(messageOf(error), hint);
    const waitMs = Math.max(this.#backoff.next(nowMs()), Math.min(retryAfterMs, MAX_RETRY_AFTER_MS));
    await delay(waitMs, { signal });
  }

  /** A request that is under way at the end of the program is finished: its message may have arrived. */
  async #send(notification: Notification): Promise<string | undefined> {
    const { signal, delay } = this.options;
    const [over, cut] = [new AbortController(), new AbortController()];
    const stop = () => void delay(STOP_MS, { signal: over.signal }).then(() => cut.abort());
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    try {
      return await this.service.send(notification, { signal: cut.signal });
    } finally {
      signal.removeEventListener("abort", stop);
      over.abort();
    }
  }
}
