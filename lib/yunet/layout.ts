/**
 * Sizes and offsets of what the host writes and the kernel reads. Host and kernel import this file, so it has numeric
 * constants only. README.md draws the tables.
 */

/** Bytes of four channels of a pixel. */
export const QUAD_BYTES = 16;
/** Pixels behind each group of four channels in a row: the kernels write four pixels at a time. */
export const ROW_EXTRA = 4;
/** Pixels of a ring row that are no pixels of the frame: one on the left, five on the right. */
export const RING_EXTRA = 6;
/** Bytes behind the frame that the kernel may read. */
export const SLACK_BYTES = 16;

/** A unit of the network, i32 fields. */
export const UNIT_BYTES = 64;
export const UNIT_INPUTS = 0;
export const UNIT_OUTPUTS = 4;
export const UNIT_WIDTH = 8;
export const UNIT_HEIGHT = 12;
export const UNIT_POINTWISE = 16;
export const UNIT_DEPTHWISE = 20;
export const UNIT_RING = 24;
export const UNIT_RELU = 28;
export const UNIT_PLANE = 32;
export const UNIT_PLANE_ROWS = 36;
export const UNIT_NEXT = 40;
export const UNIT_POOLED = 44;
export const UNIT_ROWS = 48;
export const UNIT_IS_SPARSE = 52;

/** A plane of the frame, i32 fields and one f32. */
export const SOURCE_BYTES = 64;
export const SOURCE_PIXELS = 0;
export const SOURCE_WIDTH = 4;
export const SOURCE_HEIGHT = 8;
export const SOURCE_STEP = 12;
export const SOURCE_BLACK = 16;
export const SOURCE_RING = 20;
export const SOURCE_IS_HALF = 24;

/** A tap of the first layer, i32 fields. */
export const TAP_BYTES = 16;
export const TAP_AT = 0;
export const TAP_SLOT_BYTES = 4;
export const TAP_ROW_STEP = 8;
export const TAP_ROW = 12;

/** Bytes before the first value of a row of the frame: zeros, as the value left of it is read. */
export const MARGIN_BYTES = 16;
/** Bytes behind the last value of such a row. The conversion clears up to 15 values there. */
export const ROW_SLACK_BYTES = 64;
