import type { Box } from "../image/frame.ts";

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

/** Finds faces in gray planes. */
export interface FaceDetector extends AsyncDisposable {
  /** How many planes are searched at the same time. */
  readonly parallel: number;

  /**
   * The faces in a gray plane of `width * height` bytes, in pixels. The plane is handed over: its memory is gone
   * for the caller afterwards.
   */
  detect(gray: Uint8Array<ArrayBuffer>, width: number, height: number): Promise<Box[]>;
}
