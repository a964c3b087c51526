/**
 * Writes the column and row tables, which kernel/resize.ts reads: the weights of OpenCV's INTER_LINEAR_EXACT
 * (interpolationLinear in resize.cpp), in 256ths.
 */
import { roundHalfEven } from "../opencv/rounding.ts";
import {
  COLUMN_BLOCK_BYTES,
  COLUMN_OFFSETS_AT,
  COLUMN_SWIZZLE_AT,
  COLUMN_WEIGHTS_AT,
  ROW_ENTRY_BYTES,
  ROW_LOWER_WEIGHT_AT,
  ROW_UPPER_AT,
} from "./layout.ts";
import type { TableWriter } from "./table_writer.ts";

/** A pixel of the level is blended from the frame's pixel `from`, and the next one with the weight `next`. */
interface Blend {
  readonly from: number;
  readonly next: number;
}

/** Bytes of a pixel in the blended row. */
const BLENDED_BYTES = 2;
/** Maximum distance of the first pixels of four columns whose pairs lie within one 16-byte load. */
const MAX_NEAR_PIXELS = 6;
/** The kernel makes eight columns at a time. */
const COLUMNS_AT_ONCE = 8;

/** Length of a level's column table and row table, in bytes. */
export function resizeBytes({ width, height }: { readonly width: number; readonly height: number }): number {
  const blocks = 2 * Math.ceil(width / COLUMNS_AT_ONCE);
  return blocks * COLUMN_BLOCK_BYTES + height * ROW_ENTRY_BYTES;
}

/**
 * Writes the column table. Returns whether it consists of near blocks: all pairs of each lie within one 16-byte load.
 */
export function writeColumnTable(table: TableWriter, frameWidth: number, levelWidth: number): boolean {
  const blends = blendsOf(frameWidth, levelWidth);
  // The last block is filled up with copies of the last column, which are near it.
  while (blends.length % COLUMNS_AT_ONCE !== 0) blends.push(blends[blends.length - 1]);
  const blocks = Array.from({ length: blends.length / 4 }, (_, nth) => blends.slice(4 * nth, 4 * nth + 4));
  const isNear = blocks.every((block) => block[3].from - block[0].from <= MAX_NEAR_PIXELS);
  for (const block of blocks) {
    const at = table.allocate(COLUMN_BLOCK_BYTES);
    if (isNear) writeSwizzle(table, at, block);
    else writeOffsets(table, at, block);
    block.forEach(({ next }, nth) => {
      table.int16(at + COLUMN_WEIGHTS_AT + 4 * nth, 256 - next);
      table.int16(at + COLUMN_WEIGHTS_AT + 4 * nth + 2, next);
    });
  }
  return isNear;
}

/** Writes the offset of each column's pair. */
function writeOffsets(table: TableWriter, at: number, block: readonly Blend[]): void {
  block.forEach(({ from }, nth) => table.int32(at + COLUMN_OFFSETS_AT + 4 * nth, from * BLENDED_BYTES));
}

/** Writes a near block's base offset, and for each column the indices of the four bytes of its pair. */
function writeSwizzle(table: TableWriter, at: number, block: readonly Blend[]): void {
  const base = block[0].from;
  table.int32(at + COLUMN_OFFSETS_AT, base * BLENDED_BYTES);
  block.forEach(({ from }, nth) => {
    for (let byte = 0; byte < 4; byte++) {
      table.uint8(at + COLUMN_SWIZZLE_AT + 4 * nth + byte, (from - base) * BLENDED_BYTES + byte);
    }
  });
}

/** Writes the row table. */
export function writeRowTable(table: TableWriter, frameHeight: number, levelHeight: number): void {
  for (const { from, next } of blendsOf(frameHeight, levelHeight)) {
    const at = table.allocate(ROW_ENTRY_BYTES);
    table.int32(at + ROW_UPPER_AT, from);
    table.int32(at + ROW_LOWER_WEIGHT_AT, next);
  }
}

function blendsOf(large: number, small: number): Blend[] {
  const scale = 1 / (small / large);
  return Array.from({ length: small }, (_, index) => {
    const at = scale * (index + 0.5) - 0.5;
    const from = Math.floor(at);
    if (from < 0) return { from: 0, next: 0 };
    if (from >= large - 1) return { from: large - 1, next: 0 };
    return { from, next: roundHalfEven((at - from) * 256) };
  });
}
