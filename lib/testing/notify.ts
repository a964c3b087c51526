/** Faces, a service and a sender for tests of notifications: the clock is moved by hand, nothing leaves the process. */
import { Composer } from "../notify/composer.ts";
import { HourlyLimit } from "../notify/hourly_limit.ts";
import { LocalTime } from "../notify/local_time.ts";
import type { NoticedFace } from "../notify/noticed_face.ts";
import type { Notification, Service } from "../notify/notification.ts";
import { Sender, type SenderOptions } from "../notify/sender.ts";
import { ManualTime } from "./manual_time.ts";

const MINUTE_MS = 60_000;
const START_MS = Date.parse("2026-11-26T12:00:00Z");

/** A face of a visit, captured `ageMs` before `nowMs`. */
export function noticed(
  visit: number,
  { nowMs = 0, ageMs = 0, camera = "front", why = "first", picture = 1 } = {},
): NoticedFace {
  return {
    facts: {
      id: `${visit}${why}`,
      camera,
      device: "board1",
      captured: new Date(START_MS + nowMs - ageMs).toISOString(),
      isTimeTrusted: true,
      visit,
      why,
    },
    visitKey: `visit${visit}`,
    takenMs: nowMs - ageMs,
    picture: { bytes: new Uint8Array(picture), contentType: "image/png", width: 1, height: 1 },
  };
}

/** What a service does with a notification: returns a reference, or throws. */
export type Behaviour = (notification: Notification) => Promise<string | undefined>;

/** A sender with its service, started; `stop` ends it. */
export class SenderRound implements AsyncDisposable {
  readonly time = new ManualTime();
  /** Notifications that the service took. */
  readonly sent: Notification[] = [];
  readonly outages: (string | undefined)[] = [];
  readonly rejected: string[] = [];
  readonly references = new Map<string, string>();
  saves = 0;
  attempts = 0;
  isQuiet = false;
  behaviour: Behaviour = async ({ key }) => `of ${key}`;
  readonly sender: Sender;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;

  constructor({ perHour = 30, canUpdate = true }: { perHour?: number; canUpdate?: boolean } = {}) {
    const service: Service = {
      name: "ntfy",
      address: "somewhere",
      canUpdate,
      send: async (notification) => {
        this.attempts++;
        const reference = await this.behaviour(notification);
        this.sent.push(notification);
        return reference;
      },
    };
    const options: SenderOptions = {
      composer: new Composer({ title: "{camera}", text: "{time}" }, new LocalTime("UTC")),
      maxAgeMs: 10 * MINUTE_MS,
      summaryAfterMs: 30_000,
      limit: new HourlyLimit(perHour),
      isQuiet: () => this.isQuiet,
      nowMs: () => this.time.nowMs,
      delay: this.time.delay,
      save: async () => {
        this.saves++;
      },
      referenceOf: (visitKey) => this.references.get(visitKey),
      onSent: ({ key }, reference) => reference !== undefined && this.references.set(key, reference),
      onOutage: (reason) => this.outages.push(reason),
      onRejected: (reason) => this.rejected.push(reason),
      signal: this.#stop.signal,
    };
    this.sender = new Sender(service, options);
    this.#running = this.sender.run();
  }

  /** Adds a visit that was captured `ageMs` ago. */
  visit(visit: number, options: { ageMs?: number; camera?: string; picture?: number } = {}): void {
    this.sender.visit(noticed(visit, { nowMs: this.time.nowMs, ...options }));
  }

  /** The best picture of a visit arrives. */
  best(visit: number): void {
    this.sender.update(noticed(visit, { nowMs: this.time.nowMs, why: "best", picture: 2 }));
  }

  /** What was sent, as `event title`. */
  get said(): string[] {
    return this.sent.map(({ event, title }) => `${event} ${title}`);
  }

  stop(): Promise<void> {
    this.#stop.abort();
    return this.#running;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}
