/** Adds up what a detector does over all its runs, as far as it was seen: each run counts from zero. */
import type { DetectorStatus } from "./boxed_board.ts";

const LOOK_MS = 3_000;
const LIMIT_MS = 300_000;
const MORE_FACES = 5;

/** Watches one detector. */
export class Watch {
  readonly #runs = new Map<string, DetectorStatus>();

  constructor(private readonly look: () => Promise<DetectorStatus>) {}

  /** All frames that any run was seen to have. */
  get frames(): number {
    return Array.from(this.#runs.values()).reduce((sum, { frames }) => sum + frames, 0);
  }

  /** Resolves when it has found more faces than until now, in the same run or in another one. */
  async worksOn(what: string): Promise<void> {
    const startMs = Date.now();
    const before = await this.once();
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      const now = await this.once();
      if (now.faces >= MORE_FACES + (now.run === before.run ? before.faces : 0)) break;
      if (Date.now() - startMs > LIMIT_MS) throw new Error(`${what}: no more faces, ${JSON.stringify(now)}`);
    }
    console.log(`${what}: more faces after ${Math.round((Date.now() - startMs) / 1000)} s`);
  }

  /** Looks once and remembers. */
  async once(): Promise<DetectorStatus> {
    const status = await this.look();
    const known = this.#runs.get(status.run);
    if (!known || known.frames <= status.frames) this.#runs.set(status.run, status);
    return status;
  }
}
