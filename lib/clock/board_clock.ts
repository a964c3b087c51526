/**
 * The clock of this machine, watched. A board without a battery for it starts in 1970, or when it was last switched
 * off, until a time server answers: after seconds, after an hour, or never.
 */
import type { Synchronised } from "../face/face.ts";
import { delay } from "../async/delay.ts";
import { type Clock, type Moment, SETTLING_MS } from "./clock.ts";
import { type ClockSources, SYSTEM_SOURCES } from "./system_sources.ts";
import { type Look, LOOK_MS, WallHistory } from "./wall_history.ts";

/** So often it is asked whether the clock is synchronised: while it is not, and once it is. */
const ASK_MS = 10_000;
const ASK_AGAIN_MS = 600_000;
/** Process and board count alike, to the second, unless the board sleeps. */
const SLEPT_MS = 1_500;

/** Reads and watches the clock until it is disposed of. No reading waits for anything. */
export class BoardClock implements Clock, AsyncDisposable {
  readonly #history = new WallHistory();
  readonly #stop = new AbortController();
  readonly #watching: Promise<void>;
  #synchronised: Synchronised;
  #nextAskMs: number;
  /**
   * How long the board ran when this process began; 0 where only the process itself can be counted. The system tells
   * whole seconds, so another run of the program counts up to a second differently; this one always alike.
   */
  #beforeMs = 0;
  #wasSet = false;
  /** Called when the clock was set, is synchronised otherwise than before, or has had its time to settle. */
  onChange: () => void = () => {};

  private constructor(
    private readonly sources: ClockSources,
    private readonly bootId: string,
    private readonly countsBoot: boolean,
    synchronised: Synchronised,
  ) {
    this.#synchronised = synchronised;
    this.#nextAskMs = this.#afterAsking();
    this.#beforeMs = this.#uptimeBeforeMs() ?? 0;
    this.now();
    this.#watching = this.#watch();
  }

  /** Asks the system all it has to know before the first face. */
  static async open(sources: ClockSources = SYSTEM_SOURCES): Promise<BoardClock> {
    const [bootId, synchronised] = await Promise.all([sources.bootId(), sources.synchronised()]);
    const countsBoot = bootId !== undefined && sources.uptimeS() !== undefined;
    const id = countsBoot ? bootId : `run-${crypto.randomUUID().replaceAll("-", "")}`;
    return new BoardClock(sources, id, countsBoot, synchronised);
  }

  now(): Moment {
    const look = {
      wallMs: this.sources.wallMs(),
      runMs: this.sources.runMs(),
      synchronised: this.#synchronised,
    };
    if (this.#history.note(look)) this.#wasSet = true;
    return this.#moment(look);
  }

  momentOf(wallMs: number): Moment {
    this.now();
    return this.#moment(this.#history.at(wallMs));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#watching;
  }

  #moment({ wallMs, runMs, synchronised }: Look): Moment {
    const monotonicMs = Math.round(this.#beforeMs + runMs);
    const settling = synchronised === "no" && monotonicMs < SETTLING_MS;
    return { wallMs, synchronised, bootId: this.bootId, monotonicMs, settling };
  }

  async #watch(): Promise<void> {
    const { signal } = this.#stop;
    for (let before = this.now(); !signal.aborted; await delay(LOOK_MS, { signal })) {
      this.#countSleep();
      this.now();
      if (this.#wasSet || this.sources.runMs() >= this.#nextAskMs) {
        this.#synchronised = await this.sources.synchronised();
        this.#nextAskMs = this.#afterAsking();
      }
      const now = this.now();
      if (this.#wasSet || now.settling !== before.settling) this.onChange();
      this.#wasSet = false;
      before = now;
    }
  }

  /** Only the board counts the time that it sleeps. */
  #countSleep(): void {
    const beforeMs = this.#uptimeBeforeMs();
    if (beforeMs !== undefined && beforeMs - this.#beforeMs > SLEPT_MS) this.#beforeMs = beforeMs;
  }

  #afterAsking(): number {
    return this.sources.runMs() + (this.#synchronised === "yes" ? ASK_AGAIN_MS : ASK_MS);
  }

  #uptimeBeforeMs(): number | undefined {
    const uptimeS = this.countsBoot ? this.sources.uptimeS() : undefined;
    return uptimeS === undefined ? undefined : uptimeS * 1_000 - this.sources.runMs();
  }
}
