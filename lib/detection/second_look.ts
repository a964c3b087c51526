/**
 * A second, wider search of single frames: it finds faces that the detector's own search does not report, such as those
 * below its minimum size. It runs in a thread of its own, which lives only while it is needed, and changes no result.
 */
import { messageOf } from "../errors.ts";
import type { Frame } from "../image/frame.ts";
import type { Detection, FaceDetector } from "./engine.ts";
import { searchPlaneOf } from "./search_plane.ts";

/** Options of {@link SecondLook}. */
export interface SecondLookOptions {
  /** Starts a detector with wider settings. */
  readonly start: () => Promise<FaceDetector>;
  /** See PipelineOptions. */
  readonly prepare?: (gray: Uint8Array) => void;
  /** Called once when no detector can be started or one fails; from then on nothing is found. */
  readonly onFailure: (reason: string) => void;
}

/** Searches frames with wider settings. */
export class SecondLook implements AsyncDisposable {
  #starting?: Promise<FaceDetector | undefined>;
  #detector?: FaceDetector;
  /** Give up the looks in progress: a thread that is ended does not answer. */
  readonly #abandon = new Set<() => void>();
  #hasFailed = false;

  constructor(private readonly options: SecondLookOptions) {}

  /** Starts the detector. Resolves when it runs, or has failed. */
  async ready(): Promise<void> {
    if (this.#hasFailed) return;
    const starting = this.#starting ??= this.#start();
    const detector = await starting;
    // It may have been ended meanwhile.
    if (this.#starting === starting) this.#detector = detector;
  }

  /**
   * The faces in a frame, whose planes are copied before the call returns. While the detector starts, after a failure,
   * and when `end` is called meanwhile: none.
   */
  async look(frame: Frame): Promise<readonly Detection[]> {
    const detector = this.#detector;
    if (!detector) {
      if (!this.#hasFailed) void this.ready();
      return [];
    }
    const abandoned = Promise.withResolvers<readonly Detection[]>();
    const abandon = () => abandoned.resolve([]);
    this.#abandon.add(abandon);
    try {
      const plane = searchPlaneOf(frame, { ...this.options, usesColour: detector.usesColour });
      return await Promise.race([detector.detect(plane, "all"), abandoned.promise]);
    } catch (error) {
      this.#failed(error);
      await this.end();
      return [];
    } finally {
      this.#abandon.delete(abandon);
    }
  }

  async #start(): Promise<FaceDetector | undefined> {
    try {
      return await this.options.start();
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    if (!this.#hasFailed) this.options.onFailure(messageOf(error));
    this.#hasFailed = true;
  }

  /** Ends the thread; the next look starts another one. */
  async end(): Promise<void> {
    const starting = this.#starting;
    this.#starting = this.#detector = undefined;
    for (const abandon of this.#abandon) abandon();
    await (await starting)?.[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#hasFailed = true;
    await this.end();
  }
}
