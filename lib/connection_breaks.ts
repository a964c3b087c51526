/**
 * Finds the messages that break the connection on which they are sent: a broker closes the connection on a message
 * above its limit, without a reason. A message under which the connection broke twice is a suspect: its sender sends it
 * after all others, and alone. A suspect that breaks the connection three times while alone, and while other messages
 * get through in between, is poison. Where no message gets through, the network is at fault and no message is poison.
 */

import { RecentMap } from "./recent_map.ts";

/** Breaks after which a message is a suspect, and further ones, alone on the connection, after which it is poison. */
const SUSPECT_BREAKS = 2;
const POISON_BREAKS = 3;
/** Without acknowledgements, a message that was sent longer ago did not break the connection. */
const EXPIRY_MS = 2_000;
/** Messages that are remembered; beyond it the oldest is forgotten. */
const MAX_REMEMBERED = 1_000;

interface Record {
  breaks: number;
  breaksAlone: number;
  /** When the connection broke under it first. */
  readonly sinceMs: number;
}

/** What it needs. */
export interface BreaksOptions {
  /** Whether the broker has acknowledged a message that was sent (QoS 1), so that it breaks nothing later. */
  readonly acknowledged?: boolean;
  readonly nowMs?: () => number;
}

/** The breaks of a connection to one broker, over all reconnections. */
export class ConnectionBreaks {
  readonly #acknowledged: boolean;
  readonly #nowMs: () => number;
  readonly #records = new RecentMap<string, Record>(MAX_REMEMBERED);
  /** Messages that are being sent, or were sent without an acknowledgement a moment ago. */
  readonly #underWay = new Map<string, { isAlone: boolean; sentMs?: number }>();
  #othersWorkedMs = -Infinity;

  constructor({ acknowledged = true, nowMs = () => performance.now() }: BreaksOptions = {}) {
    this.#acknowledged = acknowledged;
    this.#nowMs = nowMs;
  }

  /** The number of messages under which the connection may break now. */
  get underWay(): number {
    this.#expire();
    return this.#underWay.size;
  }

  /** The messages under which the connection may break now. */
  get allUnderWay(): Iterable<string> {
    this.#expire();
    return this.#underWay.keys();
  }

  /** Whether a message is to be sent after all others, and alone. */
  isSuspect(id: string): boolean {
    return (this.#records.get(id)?.breaks ?? 0) >= SUSPECT_BREAKS;
  }

  /** Whether no other message got through since the connection broke under this one first: the network may be at fault. */
  needsProof(id: string): boolean {
    return this.#othersWorkedMs <= (this.#records.get(id)?.sinceMs ?? -Infinity);
  }

  /** Whether a message breaks the connection for sure. */
  isPoison(id: string): boolean {
    return (this.#records.get(id)?.breaksAlone ?? 0) >= POISON_BREAKS;
  }

  /** A message is being sent. */
  started(id: string): void {
    this.#expire();
    const isAlone = this.#underWay.size === 0;
    for (const other of this.#underWay.values()) other.isAlone = false;
    this.#underWay.set(id, { isAlone });
  }

  /** A message was sent. */
  sent(id: string): void {
    const own = this.#underWay.get(id);
    if (!own) return;
    if (this.#acknowledged) this.arrived(id);
    else own.sentMs = this.#nowMs();
  }

  /** A message has reached its receiver. */
  arrived(id: string): void {
    this.#underWay.delete(id);
    this.#records.delete(id);
    this.#othersWorkedMs = this.#nowMs();
  }

  /** Sending a message failed. When `lost` was called before, the break is counted already. */
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
      if (record.breaks >= SUSPECT_BREAKS && isAlone && !this.needsProof(id)) record.breaksAlone++;
      record.breaks++;
      this.#records.set(id, record);
    }
  }

  #expire(): void {
    const nowMs = this.#nowMs();
    for (const [id, { sentMs = Infinity }] of this.#underWay) {
      if (nowMs - sentMs <= EXPIRY_MS) continue;
      this.#underWay.delete(id);
      this.#records.delete(id);
    }
  }
}
