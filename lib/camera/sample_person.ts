/** The people of the sample scenes: portraits in the public domain, cut out along an outline, in any smaller size. */
import { readAsset } from "../assets.ts";
import type { Picture } from "../image/crop.ts";
import type { Box, Point } from "../image/frame.ts";
import { decodePng } from "../image/png.ts";
import { scaleDown } from "../image/scale.ts";

/** The portraits. `lib/camera/sample/LICENSE` names their sources. */
export type PersonName = "astronaut" | "hopper";

/** A cut-out person at one size. */
export interface CutOut extends Picture {
  /** The opacity of each pixel, 0 to 255. */
  readonly alpha: Uint8Array;
  /** The middle of the face, in pixels of this picture. */
  readonly face: Point;
}

/** Positions in pixels of the portrait, read by eye under a grid. */
interface Portrait {
  readonly face: Box;
  /** The corners of head and shoulders, clockwise as x, y pairs. */
  readonly outline: readonly number[];
}

const PORTRAITS: Readonly<Record<PersonName, Portrait>> = {
  astronaut: {
    face: { x: 182, y: 70, width: 89, height: 107 },
    // deno-fmt-ignore
    outline: [
      155, 80, 161, 52, 178, 31, 203, 19, 232, 16, 260, 22, 283, 38, 296, 62, 299, 90, 292, 113, 280, 127, 270, 132,
      266, 150, 259, 170, 290, 190, 303, 220, 302, 238, 330, 255, 350, 285, 358, 330, 360, 360, 345, 511, 26, 511,
      24, 400, 36, 310, 50, 265, 78, 237, 118, 210, 116, 190, 135, 163, 160, 152, 183, 151, 184, 140, 174, 118,
      163, 108,
    ],
  },
  hopper: {
    face: { x: 184, y: 132, width: 165, height: 200 },
    // deno-fmt-ignore
    outline: [
      148, 125, 150, 95, 174, 80, 176, 62, 200, 42, 232, 27, 262, 23, 300, 33, 335, 50, 352, 72, 354, 86, 368, 98,
      372, 130, 369, 180, 376, 200, 366, 245, 360, 275, 350, 300, 331, 307, 330, 322, 385, 350, 455, 378, 488, 398,
      503, 430, 511, 470, 511, 599, 14, 599, 24, 480, 36, 430, 60, 385, 110, 365, 175, 343, 203, 316, 195, 298, 172,
      278, 164, 258, 160, 230, 153, 200, 158, 170, 150, 150,
    ],
  },
};
/** Ratio of neighbouring sizes. A size is rounded to one of them, so that one copy serves several frames. */
const SIZE_STEP = 1.03;

/** One person, with the copies that were needed so far: at most one for each step of the size, up to 1.2 MB each. */
export class Person {
  readonly #picture: Picture;
  readonly #mask: Picture;
  readonly #portrait: Portrait;
  readonly #copies = new Map<number, CutOut>();

  constructor(name: PersonName) {
    this.#portrait = PORTRAITS[name];
    this.#picture = decodePng(readAsset(`lib/camera/sample/${name}.png`));
    this.#mask = maskOf(this.#portrait.outline, this.#picture);
  }

  /** The person with a face about this wide, in pixels; at most as wide as in the portrait. */
  at(facePx: number): CutOut {
    const { face } = this.#portrait;
    const step = Math.max(0, Math.round(Math.log(face.width / facePx) / Math.log(SIZE_STEP)));
    const known = this.#copies.get(step);
    if (known) return known;
    const copy = this.#scaled(SIZE_STEP ** -step);
    this.#copies.set(step, copy);
    return copy;
  }

  #scaled(scale: number): CutOut {
    const { width, height } = this.#picture;
    const size = { width: Math.round(width * scale), height: Math.round(height * scale) };
    const { rgb } = scaleDown(this.#picture, size);
    const alpha = scaleDown(this.#mask, size).rgb.filter((_, at) => at % 3 === 0);
    const { face } = this.#portrait;
    return {
      ...size,
      rgb,
      alpha,
      face: { x: (face.x + face.width / 2) * scale, y: (face.y + face.height / 2) * scale },
    };
  }
}

/** A gray picture: white inside the outline and black outside. Scaling it down makes a soft edge. */
function maskOf(outline: readonly number[], { width, height }: Picture): Picture {
  const rgb = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const edges = crossings(outline, y + 0.5);
    for (let at = 0; at + 1 < edges.length; at += 2) {
      const [from, to] = [Math.round(edges[at]), Math.round(edges[at + 1])];
      rgb.fill(255, (y * width + Math.max(0, from)) * 3, (y * width + Math.min(width, to)) * 3);
    }
  }
  return { width, height, rgb };
}

/** Where a row crosses the outline, in ascending order: from each odd crossing to the next, the row is inside. */
function crossings(outline: readonly number[], y: number): number[] {
  const found: number[] = [];
  let [beforeX, beforeY] = outline.slice(-2);
  for (let at = 0; at < outline.length; at += 2) {
    const [x, thisY] = [outline[at], outline[at + 1]];
    if (thisY > y !== beforeY > y) found.push(x + (beforeX - x) * (y - thisY) / (beforeY - thisY));
    [beforeX, beforeY] = [x, thisY];
  }
  return found.sort((a, b) => a - b);
}
