/** The searches of bench:arm, and how its programs report what they do. */
import type { HaarSettings } from "../../lib/haar/haar_settings.ts";

/** Size of the frames, in pixels. */
export const WIDTH = 640;
export const HEIGHT = 480;

/** Bytes of a frame: luma, then chroma of half the width and height. */
export const FRAME_BYTES = WIDTH * HEIGHT * 3 / 2;

/** One search of frames. */
export interface Search {
  readonly name: SearchName;
  /** Undefined for YuNet. */
  readonly haar?: HaarSettings;
  /** YuNet: how often the frame is halved. */
  readonly halvings?: number;
  /** Number of frames, from the first one on. YuNet takes about the same time for each. */
  readonly frames: number;
}

export const SEARCH_NAMES = ["haar_1.1_5_30", "haar_1.3_5", "yunet_640x480", "yunet_320x240"] as const;
export type SearchName = typeof SEARCH_NAMES[number];

export const SEARCHES: readonly Search[] = [
  {
    name: "haar_1.1_5_30",
    haar: { scaleFactor: 1.1, minNeighbors: 5, minSize: 30, maxSize: 0 },
    frames: 4,
  },
  { name: "haar_1.3_5", haar: { scaleFactor: 1.3, minNeighbors: 5, minSize: 0, maxSize: 0 }, frames: 4 },
  { name: "yunet_640x480", halvings: 0, frames: 1 },
  { name: "yunet_320x240", halvings: 1, frames: 4 },
];

/** What a program finds with one search: for each frame the boxes as `[x, y, width, height]`. */
export interface Found {
  readonly name: SearchName;
  readonly boxes: readonly (readonly number[][])[];
}
