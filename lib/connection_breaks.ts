/**
 * Which messages break the connection that they are sent on: brokers close it on a message above their limit, and say
 * nothing. A message under which it broke twice is suspected: the sender tries it after all others and alone. One that
 * breaks it alone, again and again, is guilty, if others get through meanwhile: where none does, it is the way's fault.
 */

import { RecentMap } from "./recent_map.ts";

/** Breaks after which a message is suspected, and further ones, alone on the connection, after which it is guilty. */
const SUSPECTED = 2;
const GUILTY = 3;
/** What was sent longer ago, without acknowledgements, did not break the connection. */
const EXPIRY_MS = 2_000;
/** Messages that are remembered. */
const MAX_REMEMBERED = 1_000;

interface Record {
  breaks: number;
  breaksAlone: number;
  /** When the connection broke under it first. */
  readonly sinceMs: number;
}

/** How to judge. */
export interface BreaksOptions {
  /** Whether a message that was sent was taken by the broker (QoS 1), so that what breaks later is not its fault. */
  readonly acknowledged?: boolean;
  readonly nowMs?: () => number;
}

/** The record of one connection, which may be made anew any number of times. */
export class Breaks {
  readonly #acknowledged: boolean;
  readonly #nowMs: () => number;
  readonly #records = new RecentMap<string, Record>(MAX_REMEMBERED);
  /** What is being sent, or was a moment ago without being acknowledged. */
  readonly #underWay = new Map<string, { isAlone: boolean; sentMs?: number }>();
  #othersWorkedMs = -Infinity;

  constructor({ acknowledged = true, nowMs = () => performance.now() }: BreaksOptions = {}) {
    this.#acknowledged = acknowledged;
    this.#nowMs = nowMs;
  }

  /** How many messages the connection may break under now. */
  get underWay(): number {
    this.#expire();
    return this.#underWay.size;
  }

  /** What the connection may break under now. */
  get allUnderWay(): Iterable<string> {
    this.#expire();
    return this.#underWay.keys();
  }

  /** Whether the connection broke so often while this message was sent that it should go last, and alone. */
  isSuspected(id: string): boolean {
    return (this.#records.get(id)?.breaks ?? 0) >= SUSPECTED;
  }

  /** Whether nothing else got through since the connection broke under it first, so that it may be the way's fault. */
  needsProof(id: string): boolean {
    return this.#othersWorkedMs <= (this.#records.get(id)?.sinceMs ?? -Infinity);
  }

  /** Whether it breaks the connection for sure. */
  isGuilty(id: string): boolean {
    return (this.#records.get(id)?.breaksAlone ?? 0) >= GUILTY;
  }

  /** It is being sent. */
  begins(id: string): void {
    this.#expire();
    const isAlone = this.#underWay.size === 0;
    for (const other of this.#underWay.values()) other.isAlone = false;
    this.#underWay.set(id, { isAlone });
  }

  /** It was sent. */
  sent(id: string): void {
    const own = this.#underWay.get(id);
    if (!own) return;
    if (this.#acknowledged) this.arrived(id);
    else own.sentMs = this.#nowMs();
  }

  /** It is where it was to go. */
  arrived(id: string): void {
    this.#underWay.delete(id);
    this.#records.delete(id);
    this.#othersWorkedMs = this.#nowMs();
  }

  /** Sending it failed. When the connection is known to have broken, that is counted already. */
  failed(id: string): void {
    if (this.#underWay.has(id)) this.#broke([id]);
  }

  /** The connection broke. */
  lost(): void {
    this.#expire();
    this.#broke([...this.#underWay.keys()]);
  }

  #broke(ids: readonly string[]): void {
    const nowMs = this.#nowMs();
    for (const id of ids) {
      const { isAlone } = this.#underWay.get(id)!;
      this.#underWay.delete(id);
      const record = this.#records.get(id) ?? { breaks: 0, breaksAlone: 0, sinceMs: nowMs };
      if (record.breaks >= SUSPECTED && isAlone && !this.needsProof(id)) {
        record.breaksAlone++;
      }
      record.breaks++;
      this.#records.set(id, record);
    }
  }

  /** What was sent a while ago, and never acknowledged, did not break anything. */
  #expire(): void {
    const nowMs = this.#nowMs();
    for (const [id, { sentMs = Infinity }] of this.#underWay) {
      if (nowMs - sentMs <= EXPIRY_MS) continue;
      this.#underWay.delete(id);
      this.#records.delete(id);
    }
  }
}
