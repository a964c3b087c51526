/**
 * The clock of this machine, watched while the program runs. Without a battery it starts in 1970, or at the time of the
 * last shutdown, until a time server answers: after seconds, after an hour, or never.
 */
import { delay } from "../async/delay.ts";
import { readBoth } from "../async/two_clocks.ts";
import type { Synchronised } from "../face/face.ts";
import { type Clock, type Moment, SETTLING_MS } from "./clock.ts";
import { type ClockSources, SYSTEM_SOURCES } from "./system_sources.ts";
import { type Reading, READING_INTERVAL_MS, WallHistory } from "./wall_history.ts";

/** Intervals at which the system is asked whether its clock is synchronised: until it is, and from then on. */
const CHECK_MS = 10_000;
const SYNCHRONISED_CHECK_MS = 600_000;
/** Process and board count time alike, to a second; a larger difference means that the board slept. */
const SLEPT_MS = 1_500;

/** Watches the clock until it is disposed of. No reading waits for the system. */
export class BoardClock implements Clock, AsyncDisposable {
  readonly #history = new WallHistory();
  readonly #stop = new AbortController();
  readonly #watching: Promise<void>;
  #synchronised: Synchronised;
  #nextCheckMs: number;
  /**
   * From the boot to the start of this process; 0 where only the process's own time is known. The system gives whole
   * seconds, so two runs of the program differ by up to a second, but one run always counts alike.
   */
  #beforeMs = 0;
  #wasSet = false;
  /** Called when the clock was set, its synchronisation changed, or the settling time is over. */
  onChange: () => void = () => {};

  private constructor(
    private readonly sources: ClockSources,
    private readonly wait: typeof delay,
    private readonly bootId: string,
    private readonly countsBoot: boolean,
    synchronised: Synchronised,
  ) {
    this.#synchronised = synchronised;
    this.#nextCheckMs = this.#checkTime();
    this.#beforeMs = this.#uptimeBeforeMs() ?? 0;
    this.now();
    this.#watching = this.#watch();
  }

  /** Reads everything that the first face needs. */
  static async open(
    sources: ClockSources = SYSTEM_SOURCES,
    { delay: wait = delay }: { readonly delay?: typeof delay } = {},
  ): Promise<BoardClock> {
    const [bootId, synchronised] = await Promise.all([sources.bootId(), sources.synchronised()]);
    const countsBoot = bootId !== undefined && sources.uptimeS() !== undefined;
    const id = countsBoot ? bootId : `run-${crypto.randomUUID().replaceAll("-", "")}`;
    return new BoardClock(sources, wait, id, countsBoot, synchronised);
  }

  now(): Moment {
    const reading = { ...readBoth(this.sources), synchronised: this.#synchronised };
    if (this.#history.add(reading)) this.#wasSet = true;
    return this.#moment(reading);
  }

  momentOf(wallMs: number): Moment {
    this.now();
    return this.#moment(this.#history.at(wallMs));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#watching;
  }

  #moment({ wallMs, runMs, synchronised }: Reading): Moment {
    const monotonicMs = Math.round(this.#beforeMs + runMs);
    const settling = synchronised === "no" && monotonicMs < SETTLING_MS;
    return { wallMs, synchronised, bootId: this.bootId, monotonicMs, settling };
  }

  async #watch(): Promise<void> {
    const { signal } = this.#stop;
    for (let before = this.now(); !signal.aborted; await this.wait(READING_INTERVAL_MS, { signal })) {
      this.#countSleep();
      this.now();
      if (this.#wasSet || this.sources.runMs() >= this.#nextCheckMs) {
        this.#synchronised = await this.sources.synchronised();
        this.#nextCheckMs = this.#checkTime();
      }
      const now = this.now();
      if (this.#wasSet || now.settling !== before.settling) this.onChange();
      this.#wasSet = false;
      before = now;
    }
  }

  /** The process's own time stands still while the board sleeps. */
  #countSleep(): void {
    const beforeMs = this.#uptimeBeforeMs();
    if (beforeMs !== undefined && beforeMs - this.#beforeMs > SLEPT_MS) this.#beforeMs = beforeMs;
  }

  #checkTime(): number {
    return this.sources.runMs() + (this.#synchronised === "yes" ? SYNCHRONISED_CHECK_MS : CHECK_MS);
  }

  #uptimeBeforeMs(): number | undefined {
    const uptimeS = this.countsBoot ? this.sources.uptimeS() : undefined;
    return uptimeS === undefined ? undefined : uptimeS * 1_000 - this.sources.runMs();
  }
}
