/** How far a detector has come in an input with an end. */
import type { Camera } from "../camera/camera.ts";
import type { Frame } from "../image/frame.ts";

/** A rate over less than this is a guess, milliseconds. */
const FIRST_ESTIMATE_MS = 1_000;

/** Takes each frame that has passed. */
export class InputProgress {
  #camera: Camera | undefined;
  #frames = 0;
  #first: { readonly sourceTimeMs: number; readonly ms: number } | undefined;
  #last = { sourceTimeMs: 0, ms: 0 };

  /** @param nowMs a monotonic time. */
  constructor(private readonly nowMs: () => number = () => performance.now()) {}

  begin(camera: Camera): void {
    this.#camera = camera;
  }

  passed({ sourceTimeMs }: Pick<Frame, "sourceTimeMs">): void {
    this.#frames++;
    this.#last = { sourceTimeMs, ms: this.nowMs() };
    this.#first ??= this.#last;
  }

  /** The last part of the input's name; undefined before it was opened. */
  get name(): string | undefined {
    return this.#camera?.name.replace(/^.*\/(?=.)/, "");
  }

  /** From the first frame to the last one, seconds. */
  get seconds(): number {
    return this.#first ? (this.#last.ms - this.#first.ms) / 1000 : 0;
  }

  /** The part of the input that is done, from 0 to 1, and the time that the rest takes; undefined where it is unknown. */
  get done(): { readonly fraction: number; readonly secondsLeft?: number } | undefined {
    const extent = this.#camera?.extent?.();
    if (!extent || !this.#first) return undefined;
    const [part, whole] = "frames" in extent
      ? [this.#frames, extent.frames]
      : [this.#last.sourceTimeMs - this.#first.sourceTimeMs, extent.durationMs];
    if (!(whole > 0)) return undefined;
    const fraction = Math.max(0, Math.min(1, part / whole));
    const spentMs = this.nowMs() - this.#first.ms;
    if (fraction === 0 || spentMs < FIRST_ESTIMATE_MS) return { fraction };
    return { fraction, secondsLeft: spentMs * (1 - fraction) / fraction / 1000 };
  }
}
