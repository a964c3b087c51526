/** The chroma planes of an RGB picture, for detectors that use colour. */
import type { RgbPixels, Size, YuvPixels } from "./frame.ts";

/** The planes U and V in full range, 4:2:0 and BT.601, as JPEG has them: each value is of the mean colour of 2x2 pixels. */
export function chromaOf({ rgb }: RgbPixels, { width, height }: Size): Pick<YuvPixels, "u" | "v" | "matrix"> {
  const [columns, rows] = [Math.ceil(width / 2), Math.ceil(height / 2)];
  const u = new Uint8Array(columns * rows);
  const v = new Uint8Array(columns * rows);
  for (let row = 0, at = 0; row < rows; row++) {
    const above = 2 * row * width;
    const below = Math.min(2 * row + 1, height - 1) * width;
    for (let column = 0; column < columns; column++, at++) {
      // The last column and row of an odd size count twice.
      const [left, right] = [2 * column, Math.min(2 * column + 1, width - 1)];
      const [a, b, c, d] = [(above + left) * 3, (above + right) * 3, (below + left) * 3, (below + right) * 3];
      const red = (rgb[a] + rgb[b] + rgb[c] + rgb[d]) / 4;
      const green = (rgb[a + 1] + rgb[b + 1] + rgb[c + 1] + rgb[d + 1]) / 4;
      const blue = (rgb[a + 2] + rgb[b + 2] + rgb[c + 2] + rgb[d + 2]) / 4;
      u[at] = Math.round(clamped(128 - 0.168736 * red - 0.331264 * green + 0.5 * blue));
      v[at] = Math.round(clamped(128 + 0.5 * red - 0.418688 * green - 0.081312 * blue));
    }
  }
  return { u, v, matrix: "bt601" };
}

/** round(128+(C-128)*255/224): video chroma, 16..240, stretched to full range. */
const FULL_FROM_VIDEO = Uint8Array.from(
  { length: 256 },
  (_, value) => Math.round(clamped(128 + (value - 128) * 255 / 224)),
);

/** The chroma planes of a video frame in full range. */
export function fullRangeChroma<C extends Pick<YuvPixels, "u" | "v">>(chroma: C): C {
  const stretched = (plane: Uint8Array) => plane.map((value) => FULL_FROM_VIDEO[value]);
  return { ...chroma, u: stretched(chroma.u), v: stretched(chroma.v) };
}

function clamped(value: number): number {
  return Math.max(0, Math.min(255, value));
}
