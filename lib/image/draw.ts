/** Draws rectangles and texts into a picture. What lies outside of it is cut. */
import { GLYPH, glyphOf } from "./bitmap_font.ts";
import type { Picture } from "./crop.ts";
import type { Box, Point, Size } from "./frame.ts";

/** Red, green and blue, 0..255. */
export type Colour = readonly [red: number, green: number, blue: number];

/** Length of a dash and of the gap behind it, in widths of the line. */
const DASH = 3;

/** Fills a rectangle. */
export function fill({ width, height, rgb }: Picture, box: Box, colour: Colour): void {
  const [left, right] = [Math.max(0, Math.round(box.x)), Math.min(width, Math.round(box.x + box.width))];
  const [top, bottom] = [Math.max(0, Math.round(box.y)), Math.min(height, Math.round(box.y + box.height))];
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) rgb.set(colour, (y * width + x) * 3);
  }
}

/** Draws the outline of a rectangle, inside it. */
export function outline(
  picture: Picture,
  { x, y, width, height }: Box,
  { colour, line, dashed = false }: {
    readonly colour: Colour;
    readonly line: number;
    readonly dashed?: boolean;
  },
): void {
  const dash = dashed ? line * DASH : Infinity;
  const along = (length: number, draw: (from: number, to: number) => void) => {
    for (let from = 0; from < length; from += 2 * dash) draw(from, Math.min(length, from + dash));
  };
  along(width, (from, to) => {
    for (const top of [y, y + height - line]) {
      fill(picture, { x: x + from, y: top, width: to - from, height: line }, colour);
    }
  });
  along(height, (from, to) => {
    for (const left of [x, x + width - line]) {
      fill(picture, { x: left, y: y + from, width: line, height: to - from }, colour);
    }
  });
}

/** The size of a text, each pixel of a glyph `scale` x `scale` pixels. */
export function textSize(text: string, scale: number): Size {
  return { width: (Array.from(text).length * (GLYPH.width + 1) - 1) * scale, height: GLYPH.height * scale };
}

/** Draws a text; `at` is its upper left corner. */
export function write(
  picture: Picture,
  text: string,
  at: Point,
  { colour, scale }: { readonly colour: Colour; readonly scale: number },
): void {
  Array.from(text).forEach((character, nth) => {
    const left = at.x + nth * (GLYPH.width + 1) * scale;
    glyphOf(character).forEach((bits, row) => {
      for (let column = 0; column < GLYPH.width; column++) {
        if (!(bits >> (GLYPH.width - 1 - column) & 1)) continue;
        fill(
          picture,
          { x: left + column * scale, y: at.y + row * scale, width: scale, height: scale },
          colour,
        );
      }
    });
  });
}
