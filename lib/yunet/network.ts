/**
 * The network as a table. It is one 3x3 convolution with stride 2, and units. A unit is a 1x1 convolution followed by a
 * 3x3 convolution of each channel (depthwise), then ReLU except in the heads.
 *
 *     frame, BGR      1
 *       first layer   1/2    16 channels
 *       0             1/2    16, pooled to 1/4
 *       1  2          1/4    16 32
 *       3  4          1/4    32 64, pooled to 1/8
 *       5  6          1/8    64 64 ───────────────────▶ + ──▶ 13  64 ──▶ head of stride 8
 *                      │ pooled to 1/16                ▲ twice as large
 *       7  8          1/16   64 64 ───────▶ + ──▶ 12  64 ──▶ head of stride 16
 *                      │ pooled to 1/32    ▲ twice as large
 *       9  10  11     1/32   64 64 64 ─────┴──▶ head of stride 32
 *
 * Units 14, 15 and 16 are the heads of strides 8, 16 and 32. A head gives 16 numbers for each cell (HEAD).
 */

/** Channels of a unit. */
export interface Unit {
  readonly inputs: number;
  readonly outputs: number;
}

/** Channels of the first layer's output. */
export const FIRST_OUTPUTS = 16;
/** Numbers of a cell. */
export const HEAD_OUTPUTS = 16;

const unit = (inputs: number, outputs: number): Unit => ({ inputs, outputs });

export const UNITS: readonly Unit[] = [
  unit(FIRST_OUTPUTS, 16),
  unit(16, 16),
  unit(16, 32),
  unit(32, 32),
  unit(32, 64),
  ...Array.from({ length: 9 }, () => unit(64, 64)),
  ...Array.from({ length: 3 }, () => unit(64, HEAD_OUTPUTS)),
];

/** Index of the head of stride 8; units from here on have no ReLU. */
export const FIRST_HEAD = 14;

/** Outputs of a 1x1 convolution that the kernel sums at a time. */
export const DENSE_BLOCK = 8;
/** The same where it leaves out inputs that are zero (kernel/sparse_pointwise.ts). */
export const SPARSE_BLOCK = 16;

/** Outputs of a unit's 1x1 convolution whose weights lie together. Leaving out zeros pays with many inputs. */
export function outputBlock({ inputs, outputs }: Unit): number {
  return inputs === 64 && outputs === 64 ? SPARSE_BLOCK : DENSE_BLOCK;
}

/** Pixels between neighbouring cells of each head. */
export const STRIDES = [8, 16, 32] as const;
/** Frames are extended by zeros to a multiple of this size. */
export const FRAME_MULTIPLE = 32;

/**
 * Where a cell's numbers are. Class and objectness are logits; the box's middle is relative to the cell's corner and in
 * strides, its size the logarithm of strides; landmarks like the middle.
 */
export const HEAD = { class: 0, objectness: 1, box: 2, landmarks: 6 } as const;
