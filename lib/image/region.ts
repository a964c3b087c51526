/** A part of a plane, reduced by a whole factor. */
import type { Box, SearchPlane, Size } from "./frame.ts";

/**
 * A region of a plane, each pixel the mean of `factor` x `factor` pixels. It begins at an even pixel, so that its chroma
 * begins at a whole sample; pixels that fill no square are left out.
 */
export function regionOf(
  plane: SearchPlane,
  { x, y, width, height }: Box,
  factor: number,
): { readonly plane: SearchPlane; readonly x: number; readonly y: number } {
  const [left, top] = [x & ~1, y & ~1];
  // Even sizes, for the chroma.
  const even = (length: number) => Math.floor(length / factor) & ~1;
  const size = { width: even(x + width - left), height: even(y + height - top) };
  const gray = reduced(plane.gray, plane.width, { x: left, y: top, ...size }, factor);
  const { chroma } = plane;
  if (!chroma) return { plane: { ...plane, ...size, gray }, x: left, y: top };
  const half = { x: left / 2, y: top / 2, width: size.width / 2, height: size.height / 2 };
  const stride = (plane.width + 1) >> 1;
  const [u, v] = [chroma.u, chroma.v].map((samples) => reduced(samples, stride, half, factor));
  return { plane: { ...plane, ...size, gray, chroma: { ...chroma, u, v } }, x: left, y: top };
}

/** @param to upper left corner in `from`, and size of the result */
function reduced(
  from: Uint8Array,
  stride: number,
  { x, y, width, height }: Size & { readonly x: number; readonly y: number },
  factor: number,
): Uint8Array<ArrayBuffer> {
  const to = new Uint8Array(width * height);
  const area = factor * factor;
  for (let row = 0, at = 0; row < height; row++) {
    for (let column = 0; column < width; column++, at++) {
      let sum = area >> 1;
      for (let line = 0; line < factor; line++) {
        const begin = (y + row * factor + line) * stride + x + column * factor;
        for (let step = 0; step < factor; step++) sum += from[begin + step];
      }
      to[at] = sum / area;
    }
  }
  return to;
}
