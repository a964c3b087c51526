/**
 * The pictures of the aiming page. One is made at most every 200 ms, and only while somebody looks: a page that is open
 * asks for the next picture as soon as it shows one.
 */
import { delay } from "../async/delay.ts";
import { either } from "../async/either.ts";
import type { Box, Size } from "../image/frame.ts";

/** Minimum interval of pictures: 5 per second. */
const INTERVAL_MS = 200;
/** Somebody looks until this long after the last request was answered. */
const LOOK_MS = 3_000;
/** A request waits this long for a picture. */
const WAIT_MS = 2_000;
/** Pictures that a page may still load: those of the last 4 s at least, since a slow network loads one that late. */
export const KEPT = 20;
/** Maximum number of requests that wait; further ones are refused. */
export const MAX_WAITING = 32;

/** A detection in a picture, in pixels of the frame. */
export interface ShownBox extends Box {
  /** counts: it may be sent; waits: its visit is not confirmed yet; unsent: it is not sent, and the text says why. */
  readonly kind: "counts" | "waits" | "unsent";
  readonly text: string;
  /** The text for small pictures. */
  readonly short: string;
}

/** A frame as the page shows it. */
export interface LivePicture {
  /** Size of the frame; the picture may be smaller. */
  readonly frame: Size;
  readonly boxes: readonly ShownBox[];
  /** What was searched. */
  readonly regions: "all" | readonly Box[];
  readonly jpeg: Uint8Array<ArrayBuffer>;
}

/** A picture with its number, from 1. */
export interface NumberedPicture extends LivePicture {
  readonly number: number;
}

/** Options of {@link LivePictures}. Tests replace the clock. */
export interface LivePicturesOptions {
  /** A monotonic time in milliseconds. */
  readonly nowMs?: () => number;
  readonly delay?: typeof delay;
  /** Called when a picture cannot be made. */
  readonly onFailure: (error: unknown) => void;
}

/** Makes pictures for those who look. */
export class LivePictures {
  readonly #nowMs: () => number;
  readonly #delay: typeof delay;
  #askedMs = -Infinity;
  #begunMs = -Infinity;
  #isMaking = false;
  #waiting = 0;
  #number = 0;
  #pictures: NumberedPicture[] = [];
  /** Resolved, and replaced, at each new picture. */
  #changed = Promise.withResolvers<void>();

  constructor(private readonly options: LivePicturesOptions) {
    this.#nowMs = options.nowMs ?? (() => performance.now());
    this.#delay = options.delay ?? delay;
  }

  /** Whether somebody looks. */
  get isWatched(): boolean {
    return this.#waiting > 0 || this.#nowMs() - this.#askedMs < LOOK_MS;
  }

  /** Whether the next frame becomes a picture. */
  get isDue(): boolean {
    return !this.#isMaking && this.isWatched && this.#nowMs() - this.#begunMs >= INTERVAL_MS;
  }

  /** Makes a picture; call it only when one is due. */
  async make(picture: () => Promise<LivePicture>): Promise<void> {
    this.#isMaking = true;
    this.#begunMs = this.#nowMs();
    try {
      const made = { ...await picture(), number: ++this.#number };
      this.#pictures = [...this.#pictures, made].slice(-KEPT);
      this.#changed.resolve();
      this.#changed = Promise.withResolvers();
    } catch (error) {
      this.options.onFailure(error);
    } finally {
      this.#isMaking = false;
    }
  }

  /** Whether another request may wait. */
  get hasRoom(): boolean {
    return this.#waiting < MAX_WAITING;
  }

  /** The first picture with a higher number, as soon as there is one; the latest after 2 s; undefined without any. */
  async next(after: number, { signal }: { signal: AbortSignal }): Promise<NumberedPicture | undefined> {
    // Those of the last look may be hours old.
    if (!this.isWatched) this.forget();
    this.#askedMs = this.#nowMs();
    if (!this.#isNewer(after)) {
      this.#waiting++;
      const waited = new AbortController();
      try {
        await Promise.race([
          this.#changed.promise,
          this.#delay(WAIT_MS, { signal: either(signal, waited.signal) }),
        ]);
      } finally {
        waited.abort();
        this.#waiting--;
        this.#askedMs = this.#nowMs();
      }
    }
    return this.#pictures.at(-1);
  }

  /** Releases the pictures. */
  forget(): void {
    this.#pictures = [];
  }

  /** A picture that was made lately. */
  picture(number: number): NumberedPicture | undefined {
    return this.#pictures.find((picture) => picture.number === number);
  }

  #isNewer(after: number): boolean {
    const latest = this.#pictures.at(-1);
    // A page that was open before a restart has a number that this program has not reached.
    return latest !== undefined && (latest.number > after || after > this.#number);
  }
}
