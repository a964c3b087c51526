/**
 * When each frame of a clip is shown. YUV4MPEG2 has no timestamps, so a filter in front of the output prints each frame's
 * own: the n-th number is the time of the n-th frame, since every frame behind the filter is passed through.
 */

/** Keeps every frame as it is and prints its time in seconds; one without a time is printed as `nan` and kept too. */
export const PRINT_TIMES = "select='1+0*print(t)'";

/** Alone on a line; ffmpeg 9 names the printer, `-v level` the level. */
const TIME = /^(?:\[Eval @ \S+\] )?(?:\[info\] )?(-?\d+\.\d+|-?nan)$/;

/** The times of the frames that ffmpeg announces, in order. */
export class FrameTimes {
  readonly #known: (number | undefined)[] = [];
  #ended = false;
  #wake = () => {};

  /** Takes a line of what ffmpeg says. Whether it was a time. */
  add(line: string): boolean {
    const time = TIME.exec(line)?.[1];
    if (time === undefined) return false;
    this.#known.push(time.endsWith("nan") ? undefined : Math.round(Number(time) * 1e6) / 1e3);
    this.#wake();
    return true;
  }

  /** No more times come. */
  end(): void {
    this.#ended = true;
    this.#wake();
  }

  /** The next frame's time, milliseconds; undefined when the frame has none, or ffmpeg ended before it said one. */
  async next(): Promise<number | undefined> {
    while (this.#known.length === 0 && !this.#ended) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    return this.#known.shift();
  }
}

/**
 * The times of a clip's frames as a clock could show them: none goes backwards, and a frame without a time follows the
 * one before it at the stream's rate.
 */
export class Timeline {
  #last: { readonly sourceTimeMs: number; readonly countedMs: number } | undefined;

  /** @param saidMs the frame's own time. @param countedMs its time at the stream's rate. */
  place(saidMs: number | undefined, countedMs: number): number {
    const last = this.#last;
    const nextMs = last ? last.sourceTimeMs + countedMs - last.countedMs : countedMs;
    const sourceTimeMs = Math.max(last?.sourceTimeMs ?? -Infinity, saidMs ?? nextMs);
    this.#last = { sourceTimeMs, countedMs };
    return sourceTimeMs;
  }
}
