/** Cropping: a part of a frame as an RGB picture. */
import { grown } from "./boxes.ts";
import type { Box, Frame, YuvMatrix, YuvPixels } from "./frame.ts";

/** A colour picture, interleaved 8-bit RGB. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly rgb: Uint8Array<ArrayBuffer>;
}

/** A cropped face: `box` is the detection and `crop` what was cut out, in pixels of the frame. */
export interface CroppedFace {
  readonly picture: Picture;
  readonly box: Box;
  readonly crop: Box;
}

/** `box` with `margin`, a share of its size, added on every side; clipped to the frame. */
export function withMargin(box: Box, margin: number, frame: { width: number; height: number }): Box {
  return grown(box, [Math.round(box.width * margin), Math.round(box.height * margin)], frame);
}

/** Crops `box`, which must lie inside the frame. Only its pixels are converted. */
export function crop(frame: Frame, box: Box): Picture {
  const { pixels } = frame;
  const rgb = new Uint8Array(box.width * box.height * 3);
  if (pixels.kind === "yuv420") {
    convert(pixels, frame.width, box, rgb);
  } else {
    for (let row = 0; row < box.height; row++) {
      const from = ((box.y + row) * frame.width + box.x) * 3;
      rgb.set(pixels.rgb.subarray(from, from + box.width * 3), row * box.width * 3);
    }
  }
  return { width: box.width, height: box.height, rgb };
}

/** Weights of red and blue in the luma; green has the rest (ITU-T H.273, table 4). */
export const LUMA_WEIGHTS: Readonly<Record<YuvMatrix, { red: number; blue: number }>> = {
  bt601: { red: 0.299, blue: 0.114 },
  bt709: { red: 0.2126, blue: 0.0722 },
  bt2020: { red: 0.2627, blue: 0.0593 },
};

/** YUV to RGB in 16-bit fixed point. */
function convert(
  { y, u, v, fullRange, matrix = "bt601" }: YuvPixels,
  frameWidth: number,
  box: Box,
  rgb: Uint8Array,
): void {
  const { red, blue } = LUMA_WEIGHTS[matrix];
  const green = 1 - red - blue;
  const chromaWidth = (frameWidth + 1) >> 1;
  const lumaOffset = fullRange ? 0 : 16;
  const lumaScale = fullRange ? 65536 : Math.round(65536 * 255 / 219);
  const chromaScale = fullRange ? 65536 : 65536 * 255 / 224;
  const redFromV = Math.round(2 * (1 - red) * chromaScale);
  const greenFromU = Math.round(2 * (1 - blue) * blue / green * chromaScale);
  const greenFromV = Math.round(2 * (1 - red) * red / green * chromaScale);
  const blueFromU = Math.round(2 * (1 - blue) * chromaScale);
  const clamped = new Uint8ClampedArray(rgb.buffer, rgb.byteOffset, rgb.length);
  let to = 0;
  for (let row = box.y; row < box.y + box.height; row++) {
    const lumaRow = row * frameWidth;
    const chromaRow = (row >> 1) * chromaWidth;
    for (let column = box.x; column < box.x + box.width; column++) {
      const luma = (y[lumaRow + column] - lumaOffset) * lumaScale + 32768;
      const cb = u[chromaRow + (column >> 1)] - 128;
      const cr = v[chromaRow + (column >> 1)] - 128;
      clamped[to++] = (luma + redFromV * cr) >> 16;
      clamped[to++] = (luma - greenFromU * cb - greenFromV * cr) >> 16;
      clamped[to++] = (luma + blueFromU * cb) >> 16;
    }
  }
}
