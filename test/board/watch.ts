/** Adds up the counts of all runs of a detector: each run counts from zero. */
import { until } from "../../lib/testing/until.ts";
import type { DetectorStatus } from "./emulated_board.ts";

const LOOK_MS = 3_000;
const LIMIT_MS = 300_000;
const MORE_FACES = 5;

/** Watches one detector. */
export class Watch {
  readonly #runs = new Map<string, DetectorStatus>();

  constructor(private readonly look: () => Promise<DetectorStatus>) {}

  /** The frames of all runs, each as it was last read. */
  get frames(): number {
    return Array.from(this.#runs.values()).reduce((sum, { frames }) => sum + frames, 0);
  }

  /** Resolves when it has found more faces than before, in the same run or in a later one. */
  async worksOn(what: string): Promise<void> {
    const startMs = Date.now();
    const before = await this.once();
    const hasMore = async () => {
      const now = await this.once();
      return now.faces >= MORE_FACES + (now.run === before.run ? before.faces : 0);
    };
    await until(hasMore, `more faces: ${what}`, { everyMs: LOOK_MS, limitMs: LIMIT_MS });
    console.log(`${what}: more faces after ${Math.round((Date.now() - startMs) / 1000)} s`);
  }

  /** Reads the status once and keeps it. */
  async once(): Promise<DetectorStatus> {
    const status = await this.look();
    const known = this.#runs.get(status.run);
    if (!known || known.frames <= status.frames) this.#runs.set(status.run, status);
    return status;
  }
}
