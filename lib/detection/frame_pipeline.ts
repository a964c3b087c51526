/**
 * Frames on their way from the camera to the caller. Several are searched at a time; they leave in the order in which
 * they were captured.
 *
 *     captured ───▶ waiting ───▶ searching ───▶ found ───▶ yielded
 *         └──────── a detector is free ──▲
 *
 *     captured   the camera has given the frame
 *     waiting    no detector is free. Live: only the newest frame waits; the one that it replaces is skipped.
 *                Otherwise: the frame waits, and the camera with it
 *     searching  a detector searches the frame
 *     found      its faces are known; it waits until the frames before it are yielded
 *     yielded    the caller has it, until it takes the next one; then the frame's memory is released
 *
 * The faces of a frame go back to the search area, which decides on the areas of later frames. Of a clip they arrive
 * there LAG frames late. So before a frame is yielded, it is searched around the faces of the frames before it as well.
 */
import type { Area, Box, Frame, SearchPlane, Size } from "../image/frame.ts";
import type { Detection, FaceDetector } from "./engine.ts";
import { newFaces } from "./new_faces.ts";
import { regionsMissing, SearchArea } from "./search_area.ts";
import { searchPlaneOf } from "./search_plane.ts";

/** A frame and the faces in it. Its memory is released when the caller takes the next one. */
export interface SearchedFrame {
  readonly frame: Frame;
  readonly boxes: readonly Detection[];
  /** How much of it was searched. */
  readonly searched: "all" | "part" | "none";
  /** What was searched. */
  readonly area: Area;
  /** See SearchArea. */
  readonly isQuiet: boolean;
  /** Duration of the search, milliseconds; 0 where nothing was searched. */
  readonly searchMs: number;
}

export interface PipelineOptions {
  /** Whether frames come at their own pace: then frames are skipped while all detectors are busy. */
  readonly live: boolean;
  /** Decides on the area of each frame that is searched; by default all of it. */
  readonly area?: SearchArea;
  /** Called for each skipped frame. */
  readonly onSkipped: () => void;
  /** Called when it changes which frames are needed. Live only. */
  readonly onNeed?: (need: Need) => void;
  /** Changes each gray plane before it is searched. */
  readonly prepare?: (gray: Uint8Array) => void;
}

/** Which frames the pipeline needs of a camera. */
export interface Need {
  /** See SearchArea. */
  readonly isQuiet: boolean;
  /** No detector is free, and a frame waits: a newer one would only replace it. */
  readonly isBusy: boolean;
}

/**
 * For clips, search regions use the results from exactly LAG frames earlier, so that output does not depend on machine
 * speed. So at most LAG frames are searched at a time.
 */
const LAG = 8;

/**
 * Searches the frames; see above. When the caller stops early, `frames` ends at its next frame: abort its signal to
 * leave it at once. An error of the camera or of a detector is thrown after the results of the frames before it.
 */
export function detectFrames(
  frames: AsyncIterable<Frame>,
  detector: FaceDetector,
  options: PipelineOptions,
): AsyncGenerator<SearchedFrame> {
  return new FramePipeline(frames, detector, options).run();
}

class FramePipeline {
  readonly #area: SearchArea;
  /** open: the camera gives frames; ended: it has given all, or failed; stopped: the caller takes no more results. */
  #state: "open" | "ended" | "stopped" = "open";
  /** Live: the newest frame that no detector was free for. */
  #waiting: Frame | undefined;
  /** The frames in the states searching and found, in the order of capture. */
  readonly #searches: Promise<SearchedFrame>[] = [];
  /** Results, in the order of capture, that the search area does not have yet. */
  readonly #results: SearchedFrame[] = [];
  /** Of a clip: the faces of the last LAG - 1 frames, which were not known when the area of the next one was chosen. */
  #unknown: (Size & { readonly boxes: readonly Detection[] })[] = [];
  /** Frames begun to search, and those of them whose faces the search area has. */
  #begun = 0;
  #learned = 0;
  /** Resolved, and replaced, at each change of the fields above. */
  #changed = Promise.withResolvers<void>();
  #gray = new Uint8Array(0);

  constructor(
    private readonly frames: AsyncIterable<Frame>,
    private readonly detector: FaceDetector,
    private readonly options: PipelineOptions,
  ) {
    this.#area = options.area ?? new SearchArea("off", 0);
  }

  async *run(): AsyncGenerator<SearchedFrame> {
    const capturing = this.#captureAll();
    capturing.catch(() => {}); // Thrown below, after the results before it.
    try {
      for (;;) {
        if (this.#searches.length > 0) {
          const result = await this.#takeFound();
          yield result;
          result.frame.release?.();
        } else if (this.#state === "ended") {
          return await capturing;
        } else {
          await this.#changed.promise;
        }
      }
    } finally {
      this.#state = "stopped";
      this.#notify();
    }
  }

  async #captureAll(): Promise<void> {
    try {
      for await (const frame of this.frames) {
        if (!this.#isLeft()) await this.#captured(frame);
        if (this.#isLeft()) return;
        this.#notify();
      }
    } finally {
      if (!this.#isLeft()) this.#state = "ended";
      this.#notify();
    }
  }

  async #captured(frame: Frame): Promise<void> {
    if (!this.#isFull()) this.#searchWaiting(); // A detector was added since it began to wait.
    if (this.#isFull()) this.detector.reportBacklog();
    if (this.#isFull() && this.options.live) return this.#replaceWaiting(frame);
    while (this.#isFull() && !this.#isLeft()) await this.#changed.promise;
    if (!this.#isLeft()) this.#search(frame);
  }

  #replaceWaiting(frame: Frame): void {
    if (this.#waiting) this.options.onSkipped();
    this.#waiting?.release?.();
    this.#waiting = frame;
    this.#reportNeed();
  }

  #searchWaiting(): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting) this.#search(waiting);
  }

  #reportNeed(): void {
    this.options.onNeed?.({ isQuiet: this.#area.isQuiet, isBusy: this.#waiting !== undefined });
  }

  #search(frame: Frame): void {
    const search = this.#searched(frame);
    search.catch(() => {}); // Thrown when its turn comes.
    this.#searches.push(search);
  }

  async #searched(frame: Frame): Promise<SearchedFrame> {
    this.#learn();
    this.#begun++;
    const area = this.#area.of(frame);
    const { isQuiet } = this.#area;
    this.#reportNeed();
    if (area !== "all" && area.length === 0) {
      return { frame, boxes: [], searched: "none", searchMs: 0, area, isQuiet };
    }
    const beganMs = performance.now();
    const boxes = await this.detector.detect(this.#planeOf(frame), area);
    const searchMs = performance.now() - beganMs;
    return { frame, boxes, searched: area === "all" ? "all" : "part", searchMs, area, isQuiet };
  }

  /** Searches the frame of a clip around the faces that were not known when its area was chosen. */
  async #lookedBack(result: SearchedFrame): Promise<SearchedFrame> {
    const { frame, boxes, area } = result;
    const faces = this.#unknown.flatMap(({ boxes, width, height }) =>
      width === frame.width && height === frame.height ? boxes : []
    );
    const missing = regionsMissing(faces, area, frame);
    if (missing.length === 0) return result;
    const beganMs = performance.now();
    const more = await this.detector.detect(this.#planeOf(frame), missing);
    const searchMs = result.searchMs + performance.now() - beganMs;
    // Only a frame that was not searched whole has missing regions.
    return {
      ...result,
      boxes: [...boxes, ...newFaces(more, boxes)],
      searched: "part",
      area: [...area as readonly Box[], ...missing],
      searchMs,
    };
  }

  /** Gives the search area the faces that it may use for the next frame. */
  #learn(): void {
    const lag = this.options.live ? 0 : LAG;
    for (; this.#results.length > 0 && this.#learned + lag <= this.#begun; this.#learned++) {
      const { boxes, frame } = this.#results.shift()!;
      this.#area.found(boxes, frame);
    }
  }

  async #takeFound(): Promise<SearchedFrame> {
    const result = await this.#lookedBack(await this.#searches[0]);
    this.#searches.shift();
    this.#results.push(result);
    if (this.options.live) this.#learn();
    else {
      const { frame: { width, height }, boxes } = result;
      this.#unknown = [...this.#unknown, { width, height, boxes }].slice(1 - LAG);
    }
    this.#searchWaiting();
    this.#reportNeed();
    this.#notify();
    return result;
  }

  #planeOf(frame: Frame): SearchPlane {
    const { prepare } = this.options;
    const plane = searchPlaneOf(frame, { prepare, usesColour: this.detector.usesColour }, this.#gray);
    // Memory that the next frame uses again: the detector copies it.
    if (prepare) this.#gray = plane.gray as Uint8Array<ArrayBuffer>;
    return plane;
  }

  #isFull(): boolean {
    const { parallel } = this.detector;
    return this.#searches.length >= (this.options.live ? parallel : Math.min(parallel * 2, LAG));
  }

  #isLeft(): boolean {
    return this.#state === "stopped";
  }

  #notify(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}
