/**
 * The eye check: a second cascade searches the upper part of a detection for an eye. It rejects most false detections,
 * and misses eyes behind glasses; docs/decisions/2026-11-23-visits.md has figures. The part is scaled to one size, so
 * that the search is planned only once.
 */
import type { CroppedFace, Picture } from "../image/crop.ts";
import type { Box, GrayPlane } from "../image/frame.ts";
import { HaarDetector } from "../haar/haar_detector.ts";

/** The upper part of a face that is searched, as a share of its height, and the size it is scaled to, pixels. */
const UPPER_PART = 0.6;
const WIDTH = 160;
const HEIGHT = WIDTH * UPPER_PART;
/** The cascade finds an eye with its brow: between a seventh and a half of the face's width. */
const SEARCH = { scaleFactor: 1.2, minNeighbors: 2, minSize: 24, maxSize: 72 };

/** A check blocks its thread for about a millisecond. */
export class EyeCheck {
  readonly #detector: HaarDetector;

  /** @param cascade an eye cascade, as HaarDetector takes it. Throws a ConfigError when it holds no cascade. */
  constructor(cascade: Uint8Array) {
    this.#detector = new HaarDetector(cascade, SEARCH);
  }

  /** Whether an eye is found in a cropped face. */
  hasEye({ picture, box, crop }: CroppedFace): boolean {
    const upper = { ...box, x: box.x - crop.x, y: box.y - crop.y, height: box.height * UPPER_PART };
    return this.#detector.detect(scaledLuma(picture, upper)).length > 0;
  }
}

/** The luma of a part of a picture, scaled to WIDTH x HEIGHT (bilinear). */
function scaledLuma({ width, rgb }: Picture, part: Box): GrayPlane {
  const luma = new Uint8Array(WIDTH * HEIGHT);
  const lumaAt = (x: number, y: number) => {
    const at = (y * width + x) * 3;
    return 77 * rgb[at] + 150 * rgb[at + 1] + 29 * rgb[at + 2]; // of 256
  };
  for (let row = 0, to = 0; row < HEIGHT; row++) {
    const [top, bottom, down] = between(part.y, part.height, row, HEIGHT);
    for (let column = 0; column < WIDTH; column++, to++) {
      const [left, right, across] = between(part.x, part.width, column, WIDTH);
      const above = lumaAt(left, top) * (1 - across) + lumaAt(right, top) * across;
      const below = lumaAt(left, bottom) * (1 - across) + lumaAt(right, bottom) * across;
      luma[to] = (above * (1 - down) + below * down) / 256;
    }
  }
  return { gray: luma, width: WIDTH, height: HEIGHT };
}

/** The two pixels around the centre of sample `index` of `count`, and its distance from the first of them. */
function between(start: number, length: number, index: number, count: number): [number, number, number] {
  const last = Math.max(0, Math.ceil(length) - 1);
  const at = Math.max(0, Math.min(last, (index + 0.5) * length / count - 0.5));
  const first = Math.floor(at);
  return [start + first, start + Math.min(last, first + 1), at - first];
}
