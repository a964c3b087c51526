/** The settings of a search with YuNet. */

/** What `--input-scale` takes. */
export const INPUT_SCALES = ["auto", "1", "1/2"] as const;
export type InputScale = typeof INPUT_SCALES[number];

export interface YuNetSettings {
  /** Faces with a lower score are rejected; from 0 to 1. */
  readonly minScore: number;
  /** Minimum side of a face, in pixels; 0: what the network finds. */
  readonly minSize: number;
  /** Maximum side of a face, in pixels; 0: the size of the frame. */
  readonly maxSize: number;
  readonly inputScale: InputScale;
}

export const YUNET_DEFAULTS = { minScore: 0.7, inputScale: "auto" } as const;
