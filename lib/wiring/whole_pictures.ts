/** Decodes the whole pictures of faces within limits: an ffmpeg that hangs must not hold up all faces behind it. */
import { startLimit } from "../async/limit.ts";
import type { Frame, WholePicture } from "../image/frame.ts";

/** Timeout of one picture. */
const DECODE_LIMIT_MS = 10_000;
/** Timeout after one that was not decoded in time, until one is. A slow board starts an ffmpeg in half a second. */
const SHORT_LIMIT_MS = 3_000;
/**
 * Time for the pictures of all faces that wait when the program ends; the others are cut from the smaller frame. systemd
 * kills the program after 20 s (deploy/systemd), and a face that still waits then is lost.
 */
const LAST_CUTS_MS = 5_000;

export interface WholePicturesOptions {
  /** Aborted when the program ends. */
  readonly signal?: AbortSignal;
  readonly nowMs?: () => number;
  readonly limit?: typeof startLimit;
}

/** The pictures of one search, one at a time. */
export class WholePictures {
  #wasLate = false;
  /** From this time on no picture is decoded. */
  #endMs: number | undefined;

  constructor(private readonly options: WholePicturesOptions) {}

  /** The picture; undefined when it cannot be decoded in time, and when the signal is aborted. */
  async decode(
    whole: WholePicture,
    { signal }: { readonly signal: AbortSignal },
  ): Promise<Frame | undefined> {
    const over = new AbortController();
    // A Ctrl-C that ends this program ends its ffmpeg too, so the last faces need a second one.
    const frame = await this.#attempt(whole, signal, over) ?? await this.#attempt(whole, signal, over);
    this.#wasLate = over.signal.aborted;
    return frame;
  }

  /** One attempt, unless the time for it is over. */
  async #attempt(
    whole: WholePicture,
    signal: AbortSignal,
    over: AbortController,
  ): Promise<Frame | undefined> {
    const { signal: ended, limit = startLimit } = this.options;
    const firstMs = this.#limitMs();
    if (firstMs === 0 || over.signal.aborted || signal.aborted) return undefined;
    const end = () => over.abort();
    let cancel = limit(firstMs, end);
    const shorten = () => {
      cancel();
      cancel = limit(this.#limitMs(), end);
    };
    ended?.addEventListener("abort", shorten);
    signal.addEventListener("abort", end);
    try {
      return await whole.decode({ signal: over.signal });
    } finally {
      cancel();
      ended?.removeEventListener("abort", shorten);
      signal.removeEventListener("abort", end);
    }
  }

  /** How long the next picture may take, or the one that is being decoded when the program ends; 0: none begins. */
  #limitMs(): number {
    const { signal, nowMs = () => performance.now() } = this.options;
    if (!signal?.aborted) return this.#wasLate ? SHORT_LIMIT_MS : DECODE_LIMIT_MS;
    this.#endMs ??= nowMs() + LAST_CUTS_MS;
    return Math.max(0, Math.floor(this.#endMs - nowMs()));
  }
}
