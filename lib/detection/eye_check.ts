/**
 * Whether an eye can be found in what was taken for a face: a second cascade that looks at its upper part, scaled to
 * one size so that the search is planned once. It finds most things out that are no faces, and passes over eyes behind
 * glasses; docs/decisions/2026-11-23-visits.md has figures.
 */
import type { Picture } from "../image/crop.ts";
import type { Box, GrayPlane } from "../image/frame.ts";
import { HaarDetector } from "../haar/haar_detector.ts";
import type { Cut } from "./similarity.ts";

/** The upper part of a face, where its eyes are, and the size it is searched in, pixels. */
const UPPER_PART = 0.6;
const WIDTH = 160;
const HEIGHT = WIDTH * UPPER_PART;
/** What is searched for: an eye with its brow is between a seventh and a half of a face wide. */
const SEARCH = { scaleFactor: 1.2, minNeighbors: 2, minSize: 24, maxSize: 72 };

/** One eye check; looking blocks, for about a millisecond. */
export class EyeCheck {
  readonly #detector: HaarDetector;

  /** @param cascade a cascade file that finds eyes, as HaarDetector takes it. Throws a ConfigError when it is none. */
  constructor(cascade: Uint8Array) {
    this.#detector = new HaarDetector(cascade, SEARCH);
  }

  /** Whether an eye is found in a face that was cut out. */
  hasEye({ picture, box, crop }: Cut): boolean {
    const upper = { ...box, x: box.x - crop.x, y: box.y - crop.y, height: box.height * UPPER_PART };
    return this.#detector.detect(scaledLuma(picture, upper)).length > 0;
  }
}

/** The luma of a part of a picture, scaled to what is searched; bilinear. */
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

/** The two pixels around the middle of the `index`th of `count` samples, and how far it is from the first. */
function between(start: number, length: number, index: number, count: number): [number, number, number] {
  const last = Math.max(0, Math.ceil(length) - 1);
  const at = Math.max(0, Math.min(last, (index + 0.5) * length / count - 0.5));
  const first = Math.floor(at);
  return [start + first, start + Math.min(last, first + 1), at - first];
}
