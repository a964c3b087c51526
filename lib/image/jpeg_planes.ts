/** The planes of a JPEG, from a frame or a picture, at full or smaller size. */
import { chromaOf } from "./chroma.ts";
import { crop, type Picture } from "./crop.ts";
import { type Frame, grayPlane } from "./frame.ts";
import type { JpegPlanes } from "./jpeg_encoder.ts";

/** The planes of a picture. */
export function planesOfPicture({ width, height, rgb }: Picture): JpegPlanes {
  const pixels = { kind: "rgb24" as const, rgb };
  const y = grayPlane({ width, height, pixels, capturedMs: 0, sourceTimeMs: 0 });
  return { width, height, y, ...chromaOf(pixels, { width, height }) };
}

/** The planes of a frame, its size divided by the smallest whole number with which it is at most `maxWidth` wide. */
export function planesOfFrame(frame: Frame, maxWidth: number): JpegPlanes {
  const by = Math.ceil(frame.width / maxWidth);
  const { pixels } = frame;
  const isJpegs = pixels.kind === "yuv420" && (pixels.matrix ?? "bt601") === "bt601";
  if (!isJpegs) return divided(planesOfPicture(crop(frame, { ...frame, x: 0, y: 0 })), by);
  const { y, u, v, fullRange } = pixels;
  const { width, height } = frame;
  const small = divided({ width, height, y, u, v }, by);
  if (fullRange) return small;
  return {
    ...small,
    y: small.y.map((value) => LUMA[value]),
    u: small.u.map((value) => CHROMA[value]),
    v: small.v.map((value) => CHROMA[value]),
  };
}

/** From the limited range of video, 16..235 and 16..240, to the full range. */
const stretch = (offset: number, range: number) => (_: unknown, value: number) =>
  Math.max(0, Math.min(255, Math.round((value - offset) * 255 / range + (offset === 128 ? 128 : 0))));
const LUMA = Uint8Array.from({ length: 256 }, stretch(16, 219));
const CHROMA = Uint8Array.from({ length: 256 }, stretch(128, 224));

/** Averages `by` x `by` pixels. Pixels that fill no such square at the right and lower edge are left out. */
function divided({ width, height, y, u, v }: JpegPlanes, by: number): JpegPlanes {
  if (by === 1) return { width, height, y, u, v };
  const to = { width: Math.max(1, Math.floor(width / by)), height: Math.max(1, Math.floor(height / by)) };
  const half = { width: (to.width + 1) >> 1, height: (to.height + 1) >> 1 };
  const chroma = { width: (width + 1) >> 1, height: (height + 1) >> 1 };
  return {
    ...to,
    y: averaged(y, { width, height }, to, by),
    u: averaged(u, chroma, half, by),
    v: averaged(v, chroma, half, by),
  };
}

interface Grid {
  readonly width: number;
  readonly height: number;
}

function averaged(plane: Uint8Array, from: Grid, to: Grid, by: number): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(to.width * to.height);
  for (let row = 0, at = 0; row < to.height; row++) {
    const bottom = Math.min(from.height, (row + 1) * by);
    for (let column = 0; column < to.width; column++) {
      const right = Math.min(from.width, (column + 1) * by);
      let sum = 0, count = 0;
      for (let y = Math.min(row * by, from.height - 1); y < bottom; y++) {
        for (let x = Math.min(column * by, from.width - 1); x < right; x++, count++) {
          sum += plane[y * from.width + x];
        }
      }
      result[at++] = sum / count;
    }
  }
  return result;
}
