/** The frame rate and the mean time of a search over the last two seconds. */
const WINDOW_MS = 2_000;

export class FrameRate {
  #frames: { readonly atMs: number; readonly searchMs: number }[] = [];

  /** Adds a frame. */
  add(atMs: number, searchMs: number): void {
    this.#frames.push({ atMs, searchMs });
    if (atMs - this.#frames[0].atMs > 2 * WINDOW_MS) this.#forget(atMs);
  }

  /** Frames per second; undefined while fewer than two are known. */
  perSecond(nowMs: number): number | undefined {
    this.#forget(nowMs);
    if (this.#frames.length < 2) return undefined;
    return (this.#frames.length - 1) * 1000 / (this.#frames.at(-1)!.atMs - this.#frames[0].atMs);
  }

  /** Mean time of the searches, milliseconds; frames that were not searched do not count. */
  searchMs(nowMs: number): number | undefined {
    this.#forget(nowMs);
    const times = this.#frames.map(({ searchMs }) => searchMs).filter((ms) => ms > 0);
    return times.length === 0 ? undefined : times.reduce((sum, ms) => sum + ms, 0) / times.length;
  }

  #forget(nowMs: number): void {
    this.#frames = this.#frames.filter(({ atMs }) => nowMs - atMs <= WINDOW_MS);
  }
}
