/** The settings of a Haar search, under OpenCV's names (cv::CascadeClassifier::detectMultiScale). */
import type { Reduction } from "../image/frame.ts";

export interface HaarSettings {
  /** Factor between the sizes of successive search windows; more than 1. */
  readonly scaleFactor: number;
  /** A face has more than this many similar windows; 0: every window is a face. */
  readonly minNeighbors: number;
  /** Minimum side of a face, in pixels; 0: the size of the cascade's window. */
  readonly minSize: number;
  /** Maximum side of a face, in pixels; 0: the size of the frame. */
  readonly maxSize: number;
  /**
   * How much smaller the frame is than the picture to which both sizes refer; 1 by default. The windows have the sizes that
   * they have in a search of that picture; those below the cascade's own size in the frame are left out. Where none remains
   * between the limits, the cascade's own size counts too: the one nearest to `minSize` is searched. With 2 and 4 the search
   * has two passes (near_hits.ts), and may miss a face with hardly more than `minNeighbors` windows.
   */
  readonly reduction?: Reduction;
}

/** The defaults of the detector: `detectMultiScale(gray, 1.3, 5)`. */
export const HAAR_DEFAULTS = { scaleFactor: 1.3, minNeighbors: 5 } as const;
