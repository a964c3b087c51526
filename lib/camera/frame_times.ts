/**
 * The timestamps of a clip's frames. YUV4MPEG2 carries none, so the last filter before the output prints them: the n-th
 * number is the time of the n-th frame, since every frame after that filter is passed through.
 */

/** A filter that keeps every frame and prints its time in seconds, `nan` for a frame without a time. */
export const PRINT_TIMES = "select='1+0*print(t)'";

/** A line with a time; ffmpeg 9 adds `[Eval @ …]`, and `-v level` adds the level. */
const TIME = /^(?:\[Eval @ \S+\] )?(?:\[info\] )?(-?\d+\.\d+|-?nan)$/;

/** The times that ffmpeg prints, in the order of the frames. */
export class FrameTimes {
  readonly #known: (number | undefined)[] = [];
  #ended = false;
  #wake = () => {};

  /** Takes a line of ffmpeg's messages. Returns whether it is a time. */
  add(line: string): boolean {
    const time = TIME.exec(line)?.[1];
    if (time === undefined) return false;
    this.#known.push(time.endsWith("nan") ? undefined : Math.round(Number(time) * 1e6) / 1e3);
    this.#wake();
    return true;
  }

  /** Ends the list: `next()` no longer waits. */
  end(): void {
    this.#ended = true;
    this.#wake();
  }

  /** Waits for the next frame's time, in milliseconds; undefined for a frame without a time, or after the end. */
  async next(): Promise<number | undefined> {
    while (this.#known.length === 0 && !this.#ended) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    return this.#known.shift();
  }
}

/**
 * Makes times monotonic: a frame with an earlier time gets that of its predecessor, and a frame without a time follows its
 * predecessor at the stream's rate.
 */
export class Timeline {
  #last: { readonly sourceTimeMs: number; readonly countedMs: number } | undefined;

  /**
   * The time of the next frame, in milliseconds.
   * @param ownMs the frame's own time.
   * @param countedMs the frame's number times the interval of the stream's rate.
   */
  place(ownMs: number | undefined, countedMs: number): number {
    const last = this.#last;
    const nextMs = last ? last.sourceTimeMs + countedMs - last.countedMs : countedMs;
    const sourceTimeMs = Math.max(last?.sourceTimeMs ?? -Infinity, ownMs ?? nextMs);
    this.#last = { sourceTimeMs, countedMs };
    return sourceTimeMs;
  }
}
