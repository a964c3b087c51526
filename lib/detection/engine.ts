import type { Box, GrayPlane } from "../image/frame.ts";
import type { Area } from "./search_area.ts";

/** How Haar detection searches, under OpenCV's names (cv::CascadeClassifier::detectMultiScale). */
export interface DetectionSettings {
  /** Each search window is this much larger than the one before; more than 1. */
  readonly scaleFactor: number;
  /** How many overlapping hits make a face. */
  readonly minNeighbors: number;
  /** Faces smaller than this are not searched for, pixels; 0: as small as the cascade allows. */
  readonly minSize: number;
  /** Faces larger than this are not searched for, pixels; 0: as large as the frame. */
  readonly maxSize: number;
}

/** Who searches: our own kernel, or OpenCV in WebAssembly. */
export const ENGINES = ["haarlem", "opencv"] as const;
export type Engine = typeof ENGINES[number];

/** A face in a plane, in pixels; our own kernel also says how sure it is. */
export interface Detection extends Box {
  /** How many windows of the search agree on it. */
  readonly neighbors?: number;
  /** What the last stage of the cascade added up to, of the surest of these windows. */
  readonly weight?: number;
}

/** Finds faces in gray planes. */
export interface FaceDetector extends AsyncDisposable {
  /** How many planes are searched at the same time; it may grow. */
  readonly parallel: number;

  /** Says that a frame had to wait, or was passed over: who often hears it may use more of the machine. */
  reportBacklog(): void;

  /**
   * The faces in a plane, in pixels, in all of it or within some of its regions. The plane is copied before the call
   * returns.
   */
  detect(plane: GrayPlane, where: Area): Promise<Detection[]>;
}
