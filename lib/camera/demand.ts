/** Which frames of a live camera its consumer needs, and how large. */
import type { Reduction } from "../image/frame.ts";

/** Why a frame was left out: nothing moved, or the consumer, or the decoder, had no time for it. */
export type LeftOut = "quiet" | "busy";

/** Options of {@link Demand}. */
export interface DemandOptions {
  /** How much smaller frames may be than the camera's picture; 1 by default. */
  readonly reduction?: Reduction;
  /** Maximum interval of frames, milliseconds. */
  readonly maxIntervalMs?: number;
  /** Whether all frames are needed even though the scene is quiet, such as while somebody looks at the picture. */
  readonly isWatched?: () => boolean;
  /** Called for each frame that was left out. */
  readonly onLeftOut?: (why: LeftOut) => void;
}

/**
 * The consumer sets it, and a camera that can leave out frames before they are decoded reads it. Such a camera gives
 * frames at its idle rate while the scene is quiet or the consumer is busy, and otherwise every frame. Other cameras
 * give every frame.
 */
export class Demand {
  #isQuiet = false;
  #isBusy = false;
  #onChange = () => {};

  constructor(private readonly options: DemandOptions = {}) {}

  /** Takes the consumer's state. @param state.isBusy a frame waits already, and nothing is free to search it. */
  set({ isQuiet, isBusy }: { readonly isQuiet: boolean; readonly isBusy: boolean }): void {
    const isMore = (this.#isQuiet && !isQuiet) || (this.#isBusy && !isBusy);
    this.#isQuiet = isQuiet;
    this.#isBusy = isBusy;
    if (isMore) this.#onChange();
  }

  /** Sets what is called when more frames are needed than before. */
  onMore(change: () => void): void {
    this.#onChange = change;
  }

  /** Why frames above the idle rate are not needed; undefined when every frame is. */
  get limit(): LeftOut | undefined {
    if (this.#isBusy) return "busy";
    return this.#isQuiet && !this.options.isWatched?.() ? "quiet" : undefined;
  }

  get reduction(): Reduction {
    return this.options.reduction ?? 1;
  }

  get maxIntervalMs(): number {
    return this.options.maxIntervalMs ?? Infinity;
  }

  /** Counts a frame that was left out. */
  leftOut(why: LeftOut): void {
    this.options.onLeftOut?.(why);
  }
}
