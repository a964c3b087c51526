/**
 * A detector for frames that may be smaller than the camera's picture. Usually all are; those of a camera that was reopened
 * in another format are not, and get a detector of their own.
 */
import type { Area, Reduction, SearchPlane } from "../image/frame.ts";
import type { Detection, FaceDetector } from "./engine.ts";

type Start = (reduction: Reduction) => Promise<FaceDetector>;

export class ScaledDetector implements FaceDetector {
  readonly #detectors: Map<Reduction, FaceDetector>;

  private constructor(
    private readonly startOne: Start,
    /** How much smaller the frames may be; `use` decides for each frame. */
    readonly reduction: Reduction,
    private current: FaceDetector,
  ) {
    this.#detectors = new Map([[reduction, current]]);
  }

  /** Starts the detector for frames that are smaller by `reduction`. Throws what `start` throws. */
  static async start(start: Start, reduction: Reduction): Promise<ScaledDetector> {
    return new ScaledDetector(start, reduction, await start(reduction));
  }

  /** Selects the detector for the next frames. The first frame of another reduction waits for a further detector. */
  async use(reduction: Reduction): Promise<void> {
    const detector = this.#detectors.get(reduction) ?? await this.startOne(reduction);
    this.#detectors.set(reduction, detector);
    this.current = detector;
  }

  get parallel(): number {
    return this.current.parallel;
  }

  get usesColour(): boolean | undefined {
    return this.current.usesColour;
  }

  reportBacklog(): void {
    this.current.reportBacklog();
  }

  detect(plane: SearchPlane, area: Area): Promise<Detection[]> {
    return this.current.detect(plane, area);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(Array.from(this.#detectors.values(), (detector) => detector[Symbol.asyncDispose]()));
  }
}
