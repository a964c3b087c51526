/**
 * The contract of a detection engine. The pool runs an engine in threads and depends on this file only. To add an
 * engine, write engines/NAME.ts and add one line to engines.ts.
 *
 *     main thread                                each search thread
 *     configure(settings) ─── options ─────────▶ start(options)
 *     a frame ─────────────── plane, area ─────▶ Search.detect ───────▶ detections
 *
 *     a frame that is split over the threads (only where the engine offers `join`):
 *     a frame ─────────────── plane ───────────▶ Search.parts.load ───▶ number of parts
 *                                                Search.parts.search(n), each part in one of the threads
 *     join(what every part gave) ◀────────────── whatever the engine finds in a part
 *
 * Settings, options and what a part gives are opaque to the pool. Options and what a part gives are cloned between
 * threads, so they hold data only.
 */
import type { FaceMetadata } from "../face/face.ts";
import type { Area, Box, Point, Reduction, SearchPlane, Size } from "../image/frame.ts";

/** A face in a plane, in pixels of the plane. An engine may add fields; the pool passes them on. */
export interface Detection extends Box {
  /** Number of windows of a Haar search that were merged into this face. */
  readonly neighbors?: number;
  /** OpenCV's level weight: the sum of the last stage's votes, of the merged window with the highest sum. */
  readonly weight?: number;
  /** How sure a network is of the face, 0 to 1. */
  readonly score?: number;
  /** Right eye, left eye, tip of the nose, right and left mouth corner; right and left of the person. Not rounded. */
  readonly landmarks?: readonly Point[];
}

/** What an engine makes of the program's settings. */
export interface EngineConfig {
  /** For `start`, in every thread. */
  readonly options: unknown;
  /** For the metadata of every face that is found with these settings. */
  readonly metadata: Pick<FaceMetadata, "cascade" | "model" | "settings">;
  /** The smallest face that is searched for. A smaller frame is reported, and not searched. */
  readonly smallest: Size;
}

/** Settings for frames that are smaller than the camera's picture. */
export interface Reduced<Settings> {
  readonly reduction: Reduction;
  readonly settings: Settings;
}

/** The limits of a face's size in frames that are smaller by `reduction`; 0 stays 0. No smaller face passes. */
export function reducedSizes(
  { minSize, maxSize }: { readonly minSize: number; readonly maxSize: number },
  reduction: Reduction,
): { readonly minSize: number; readonly maxSize: number } {
  return { minSize: Math.ceil(minSize / reduction), maxSize: Math.ceil(maxSize / reduction) };
}

/** An engine. `Settings` are those of the program's settings that it reads; by default none. */
export interface Engine<Settings = unknown> {
  /** True: planes carry their frame's chroma, where it has some. Otherwise only the brightness is copied. */
  readonly usesColour?: true;

  /** True: every detection has landmarks. */
  readonly hasLandmarks?: true;

  /**
   * Checks the settings and reads the files that they name, in the main thread and before any search.
   * Throws a ConfigError. Modules and memory that only a search needs are loaded in `start`.
   */
  configure(settings: Settings): Promise<EngineConfig>;

  /**
   * How much smaller frames may be so that faces of the settings are still found, and the settings for such frames.
   * Sizes in the settings are pixels of the camera's picture. Without it, frames are never smaller.
   */
  reduce?(settings: Settings): Promise<Reduced<Settings>>;

  /** Loads what a search needs, once in each thread. Throws a ConfigError when a file in the options is unusable. */
  start(options: unknown): Promise<Search>;

  /**
   * Offered by an engine that can split a frame: the detections of the frame, from what `Search.parts.search` gave
   * for every part, in the order of the parts. Runs in the main thread, so it must be fast.
   */
  join?(parts: readonly unknown[], options: unknown, frame: Size): Detection[];
}

/** A started engine. It belongs to one thread, and every call blocks that thread. */
export interface Search {
  /**
   * The faces in a plane. With regions, only faces inside one of them, in the order of the regions. Must not keep the
   * plane: its memory is reused after the call.
   */
  detect(plane: SearchPlane, area: Area): Detection[];

  /** Present if and only if the engine has `join`. */
  readonly parts?: {
    /** Prepares the search of a whole plane. Returns its number of parts, which every thread must agree on. */
    load(plane: SearchPlane): number;
    /** Searches one part of the loaded plane; `part` counts from 0. */
    search(part: number): unknown;
  };
}

/** Finds faces in planes, several at a time. The pool is one. */
export interface FaceDetector extends AsyncDisposable {
  /** How many planes are searched at the same time. It may grow. */
  readonly parallel: number;

  /** See Engine. */
  readonly usesColour?: boolean;

  /** Reports that a frame had to wait or was skipped. After many reports the detector may use more of the machine. */
  reportBacklog(): void;

  /** The faces in an area of a plane, in pixels of the plane. The plane is copied before the call returns. */
  detect(plane: SearchPlane, area: Area): Promise<Detection[]>;
}
