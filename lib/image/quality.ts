/** The quality of a picture of a face, from 0 to 1. */
import { withMargin } from "./crop.ts";
import { type Box, type Frame, fullRange, reductionOf } from "./frame.ts";
import { frontality, type Landmarks } from "./landmarks.ts";

/** Parts of the score, each from 0 (useless) to 1 (best). */
export interface Quality {
  /** Variance of the Laplacian relative to the contrast: 0 blurred, 1 crisp (Pech-Pacheco et al., 2000). */
  readonly sharpness: number;
  /** Side of the face relative to 160 pixels. */
  readonly size: number;
  /** 1 for a mean brightness in the middle of the range, less with pixels that are black or burnt out. */
  readonly exposure: number;
  /**
   * With landmarks their `frontality`: the nose is on the midline, the eyes are far apart and level. Otherwise the
   * correlation of the face with its mirror image, which also depends on the light; so scores of different engines
   * cannot be compared.
   */
  readonly frontal: number;
  /** 1 when the whole margin lies in the frame, CUT_OFF otherwise. */
  readonly whole: number;
  /** The geometric mean of the parts: good parts do not make up for a bad one. */
  readonly score: number;
}

/** A face of at least this side has the best size. */
const GOOD_SIDE_PX = 160;
/** The ratio of Laplacian variance to luma variance that gives a sharpness of 0.5. */
const HALF_SHARP = 0.15;
/** Luma outside of these is black or burnt out. */
const [DARK, BRIGHT] = [16, 239];
const CUT_OFF = 0.5;
/** Minimum of a part in the mean, so that a part of 0 leaves an order among bad pictures. */
const MIN_PART = 0.01;

/**
 * The quality of the picture of a face in a frame. Box and landmarks are in pixels of the frame. The size counts in the
 * camera's picture, of which the frame may be a smaller copy: a face that is large enough there is not better for being
 * larger.
 * @param margin that the picture has around the box, as a share of its size
 */
export function qualityOf(frame: Frame, box: Box, margin: number, landmarks?: Landmarks): Quality {
  const face = lumaOf(frame, withMargin(box, 0, frame));
  const { mean, variance, clipped } = statistics(face.luma);
  const parts = {
    sharpness: ratio(laplacianVariance(face) / Math.max(1, variance), HALF_SHARP),
    size: Math.min(1, reductionOf(frame) * Math.sqrt(box.width * box.height) / GOOD_SIDE_PX),
    exposure: (1 - Math.abs(mean - 128) / 128) * (1 - clipped),
    frontal: landmarks ? frontality(landmarks, box) : Math.max(0, symmetry(face, mean, variance)),
    whole: isWhole(box, withMargin(box, margin, frame), margin) ? 1 : CUT_OFF,
  };
  const logs = Object.values(parts).map((part) => Math.log(Math.max(MIN_PART, part)));
  return { ...parts, score: Math.exp(logs.reduce((sum, log) => sum + log, 0) / logs.length) };
}

interface Luma {
  readonly luma: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** The luma of a part of a frame in full range, 0..255; of RGB that of ITU-R BT.601. The part lies in the frame. */
function lumaOf({ width: stride, pixels }: Frame, { x, y, width, height }: Box): Luma {
  const luma = new Uint8Array(width * height);
  for (let row = 0; row < height; row++) {
    const from = (y + row) * stride + x;
    const to = luma.subarray(row * width, (row + 1) * width);
    if (pixels.kind === "yuv420") to.set(pixels.y.subarray(from, from + width));
    else lumaOfRgb(pixels.rgb, from, to);
  }
  const limitedRange = pixels.kind === "yuv420" && !pixels.fullRange;
  return { luma: fullRange({ gray: luma, limitedRange, width, height }), width, height };
}

/** Writes the luma of the pixels from `pixel` on. */
function lumaOfRgb(rgb: Uint8Array, pixel: number, to: Uint8Array): void {
  for (let column = 0, from = 3 * pixel; column < to.length; column++, from += 3) {
    to[column] = (77 * rgb[from] + 150 * rgb[from + 1] + 29 * rgb[from + 2]) >> 8;
  }
}

function statistics(luma: Uint8Array): { mean: number; variance: number; clipped: number } {
  let [sum, squares, clipped] = [0, 0, 0];
  for (const value of luma) {
    sum += value;
    squares += value * value;
    if (value < DARK || value > BRIGHT) clipped++;
  }
  const count = Math.max(1, luma.length);
  const mean = sum / count;
  return { mean, variance: squares / count - mean * mean, clipped: clipped / count };
}

/** The variance of the discrete Laplacian with four neighbours, over all inner pixels. */
function laplacianVariance({ luma, width, height }: Luma): number {
  let [sum, squares] = [0, 0];
  for (let row = 1; row < height - 1; row++) {
    for (let at = row * width + 1; at < (row + 1) * width - 1; at++) {
      const value = luma[at - 1] + luma[at + 1] + luma[at - width] + luma[at + width] - 4 * luma[at];
      sum += value;
      squares += value * value;
    }
  }
  const count = Math.max(1, (width - 2) * (height - 2));
  return squares / count - (sum / count) ** 2;
}

/** The correlation of the picture with its mirror image, -1..1. */
function symmetry({ luma, width, height }: Luma, mean: number, variance: number): number {
  let sum = 0;
  for (let row = 0; row < height; row++) {
    for (let left = row * width, right = left + width - 1; left < right; left++, right--) {
      sum += (luma[left] - mean) * (luma[right] - mean);
    }
  }
  return 2 * sum / Math.max(1, variance * luma.length);
}

/** Whether the crop has its full margin on every side, within a pixel of rounding. */
function isWhole(box: Box, crop: Box, margin: number): boolean {
  const [fullX, fullY] = [box.width * margin - 1, box.height * margin - 1];
  return box.x - crop.x >= fullX && box.y - crop.y >= fullY &&
    crop.x + crop.width - box.x - box.width >= fullX &&
    crop.y + crop.height - box.y - box.height >= fullY;
}

function ratio(value: number, half: number): number {
  return value / (value + half);
}
