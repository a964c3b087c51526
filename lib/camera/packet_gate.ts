/**
 * Decides which packets of a camera are decoded, and when.
 *
 *     offered ───▶ newest ───▶ taken ───▶ answered
 *        the next one replaces it ┘          └ packets taken before it have no answer: they were damaged
 *
 * It holds the newest packet, and those whose frame has not come: at most MAX_TAKEN, so memory is bounded.
 */
import type { Demand, LeftOut } from "./demand.ts";
import type { JpegPacket } from "./jpeg_packets.ts";

/** Packets that the decoder has at a time: while it works on one, the next one is on its way. */
const IN_DECODER = 2;
/**
 * After this long without an answer a packet no longer occupies the decoder, milliseconds: damaged ones give no frame. A
 * slow decoder gets more time: otherwise packets that it has not begun pile up until all answers come too late.
 */
const [ANSWER_MS, MAX_ANSWER_MS] = [500, 5_000];
/** Taken packets that are remembered, since an answer may come late. */
const MAX_TAKEN = 2 * IN_DECODER;

/** A packet that is decoded, with its number from 0. */
export interface TakenPacket extends JpegPacket {
  readonly number: number;
  readonly takenMs: number;
}

/** Options of {@link PacketGate}. */
export interface GateOptions {
  readonly demand: Pick<Demand, "limit" | "maxIntervalMs" | "leftOut">;
  /** Interval of frames while not every frame is needed, milliseconds. */
  readonly idleMs: number;
  /** Minimum interval of frames, milliseconds. */
  readonly minIntervalMs: number;
  /** A monotonic time in milliseconds. */
  readonly nowMs: () => number;
}

/** Takes every packet, and gives those that are to be decoded. */
export class PacketGate {
  #newest: JpegPacket | undefined;
  #taken: TakenPacket[] = [];
  #number = 0;
  /** From this time on the next interval counts. */
  #paceMs = -Infinity;
  #answeredMs: number;
  /** Twice the time that the last answer took. */
  #answerLimitMs = ANSWER_MS;

  constructor(private readonly options: GateOptions) {
    this.#answeredMs = options.nowMs();
  }

  /** Adds the camera's next packet. */
  offer(packet: JpegPacket): void {
    const why = this.#newest && this.#whyLeftOut(this.#newest);
    if (why) this.options.demand.leftOut(why);
    this.#newest = packet;
  }

  /** The packet to decode now. */
  take(): TakenPacket | undefined {
    const nowMs = this.options.nowMs();
    const inDecoder = this.#taken.filter(({ takenMs }) => nowMs - takenMs < this.#answerLimitMs).length;
    if (!this.#newest || inDecoder >= IN_DECODER || !this.#isDue(nowMs, this.#intervalMs())) return undefined;
    const packet = { ...this.#newest, number: this.#number++, takenMs: nowMs };
    this.#newest = undefined;
    this.#pace(nowMs);
    if (this.#taken.length === 0) this.#answeredMs = nowMs;
    this.#taken = [...this.#taken, packet].slice(-MAX_TAKEN);
    return packet;
  }

  /** The packet of a frame that was decoded; undefined for a frame that comes too late. */
  answer(number: number): TakenPacket | undefined {
    const packet = this.#taken.find((taken) => taken.number === number);
    this.#taken = this.#taken.filter((taken) => taken.number > number);
    this.#answeredMs = this.options.nowMs();
    const limitMs = 2 * (packet ? this.#answeredMs - packet.takenMs : this.#answerLimitMs);
    this.#answerLimitMs = Math.min(MAX_ANSWER_MS, Math.max(ANSWER_MS, limitMs));
    return packet;
  }

  /** How long packets have been taken without any answer, milliseconds. */
  get unansweredMs(): number {
    return this.#taken.length === 0 ? 0 : this.options.nowMs() - this.#answeredMs;
  }

  /** A new decoder begins: it has no packet, and its first one has the number 0. */
  restart(): void {
    this.#taken = [];
    this.#number = 0;
  }

  /** Why a packet has not been taken; undefined where the rate that the user set leaves it out. */
  #whyLeftOut({ arrivedMs }: JpegPacket): LeftOut | undefined {
    const { demand, minIntervalMs } = this.options;
    return this.#isDue(arrivedMs, minIntervalMs) ? demand.limit ?? "busy" : undefined;
  }

  #intervalMs(): number {
    const { demand, idleMs, minIntervalMs } = this.options;
    return Math.max(minIntervalMs, demand.limit ? Math.min(idleMs, demand.maxIntervalMs) : 0);
  }

  #isDue(nowMs: number, intervalMs: number): boolean {
    return nowMs - this.#paceMs >= intervalMs;
  }

  /** Keeps the mean rate where packets do not come at a multiple of it; after a pause there is no backlog to make up. */
  #pace(nowMs: number): void {
    const intervalMs = this.#intervalMs();
    const isRegular = nowMs - this.#paceMs < 2 * intervalMs;
    this.#paceMs = isRegular ? this.#paceMs + intervalMs : nowMs;
  }
}
