/**
 * The layout of the kernel's memory: sizes, strides and offsets in bytes, unless a comment names another unit. The host
 * (TypeScript) writes the tables and the kernel (AssemblyScript) reads them. Both compile this file, so it holds
 * nothing but numeric constants. README.md draws the tables.
 */

// Tables with one element for each window of a band. A window's index is that of its upper left corner.
/** Integral image: the sum of the pixels above and to the left, modulo 2^16 (u16). */
export const INTEGRAL_BYTES = 2;
/** The same of the squared pixels, modulo 2^32 (u32). */
export const SQUARES_BYTES = 4;
/** Standard deviation times area, in the cascade's sigma unit (i16). */
export const SIGMA_BYTES = 2;

/** Zero bytes kept in front of each pixel row; loads reach back by one byte. */
export const PIXEL_MARGIN = 16;

// Lists of windows.
/** A group of eight neighbouring windows: `window index << 8 | bits of the surviving ones` (u32). */
export const GROUP_BYTES = 4;
/** How far the window index is shifted in a group. */
export const GROUP_SHIFT = 8;
/** A window index (u32). */
export const WINDOW_BYTES = 4;
/** The sum of the last stage's leaves for an accepted window (f64). */
export const TOTAL_BYTES = 8;

// Search of a part of a level.
/** A part begins at a multiple of this many columns of windows, and so of pixels. */
export const PART_ALIGNMENT = 16;
/**
 * Number of windows searched before a region's left edge to recover the skip state (see kernel/first_stage.ts): one
 * 64-bit word.
 */
export const LEAD_WINDOWS = 64;

// Patch: the corners of eight windows, transposed.
/** Windows in a patch. */
export const PATCH_WINDOWS = 8;
/** One corner of each of the eight windows (8 x u16). */
export const PATCH_CORNER_BYTES = 16;

// Column table (resizing): one block for every four columns of a level.
export const COLUMN_BLOCK_BYTES = 48;
/** Four byte offsets into the blended row (i32 each); a near block uses only the first. */
export const COLUMN_OFFSETS_AT = 0;
/** Near blocks only: swizzle indices (16 x u8). */
export const COLUMN_SWIZZLE_AT = 16;
/** Weights of the left and the right pixel of each column, in 256ths (8 x i16). */
export const COLUMN_WEIGHTS_AT = 32;

// Row table (resizing): one entry for each row of a level.
export const ROW_ENTRY_BYTES = 8;
/** Index of the upper row in the frame (i32). */
export const ROW_UPPER_AT = 0;
/** Weight of the row below it, in 256ths (i32). */
export const ROW_LOWER_WEIGHT_AT = 4;

// Variance table: where and how the standard deviation of a window is measured.
/** Offsets of the four corners in the table of squares (i32 each). */
export const VARIANCE_CORNERS_AT = 0;
/** Number of pixels (i32). */
export const VARIANCE_AREA_AT = 16;
/** Smallest spread of a window that is not flat (i32). */
export const VARIANCE_MIN_SPREAD_AT = 20;
/** Factor from the root that the kernel takes to sigma (f32). */
export const VARIANCE_SCALE_AT = 24;
/** 1 if every spread fits in an u32 (i32). */
export const VARIANCE_IS_EXACT_AT = 28;
/** Number of strips, at least 2 (i32). */
export const VARIANCE_STRIPS_AT = 32;
/** The strips' edges from top to bottom, one more than strips. */
export const VARIANCE_EDGES_AT = 36;
/** Offsets of an edge's left and right end in the integral image (2 x i32). */
export const EDGE_BYTES = 8;

// Exact table: stages, each with its stumps, each with its strips.
export const EXACT_STAGE_BYTES = 12;
/** Length of the stage with its stumps: where the next stage begins (i32). */
export const EXACT_STAGE_LENGTH_AT = 0;
/** Number of stumps (i32). */
export const EXACT_STAGE_STUMPS_AT = 4;
/** A window is rejected below it (f32). */
export const EXACT_STAGE_THRESHOLD_AT = 8;
export const EXACT_STUMP_BYTES = 16;
/** Length of the stump with its strips: where the next stump begins (i32). */
export const EXACT_STUMP_LENGTH_AT = 0;
/** The normalised feature value is compared with it (f32). */
export const EXACT_STUMP_THRESHOLD_AT = 4;
/** The leaf below the threshold (f32). */
export const EXACT_STUMP_BELOW_AT = 8;
/** The leaf from the threshold on (f32). */
export const EXACT_STUMP_NOT_BELOW_AT = 12;
export const STRIP_BYTES = 20;
/** Offsets of the corners: upper left, upper right, lower left, lower right (i32 each). */
export const STRIP_CORNERS_AT = 0;
/** Weight of the strip's sum (i32). */
export const STRIP_WEIGHT_AT = 16;

// Late table: stages of the 16-bit filter, each with its stumps sorted by shape.
export const LATE_STAGE_BYTES = 16;
/** Length of the stage with its stumps: where the next stage begins (u32). */
export const LATE_STAGE_LENGTH_AT = 0;
/** Value that a window starts with (i16). */
export const LATE_STAGE_START_AT = 4;
/** Number of stumps of each shape (5 x u16). */
export const LATE_STAGE_COUNTS_AT = 6;
/** Corners of a stump of each shape (SHAPES in compile/stage_filter.ts). */
export const HALVES_CORNERS = 6;
export const MIDDLE_CORNERS = 8;
export const DIAGONAL_CORNERS = 9;
export const HALVED_CORNERS = 16;
/** Offset of a corner in the patch (u16). */
export const LATE_CORNER_BYTES = 2;
/** Threshold (i16) and penalty (i16), which follow the corners of a stump. */
export const LATE_LEAVES_BYTES = 4;
/** Stages begin at multiples of this. */
export const LATE_STAGE_ALIGNMENT = 4;
