/** The portraits of bench:faces with face and landmarks, read by eye from enlarged pictures under a grid. */
import { join } from "node:path";
import { decodePng } from "../../lib/image/png.ts";
import { crop, type Picture } from "../../lib/image/crop.ts";
import type { Box, Point } from "../../lib/image/frame.ts";
import { PICTURES } from "../../test/media/corpus.ts";
import { partAround } from "./sprite.ts";

/** Positions are in pixels of the picture; left and right are those of the picture. */
export interface Portrait {
  readonly name: string;
  readonly path: string;
  /** From the hairline to the chin and from temple to temple, as in bench/truth. */
  readonly face: Box;
  readonly eyes: readonly [left: Point, right: Point];
  readonly nose: Point;
  readonly mouth: readonly [left: Point, right: Point];
}

const MEDIA_OF_TESTS = join(import.meta.dirname!, "../../test/media");

/** README.md of test/media names sources and licences. */
export const PORTRAITS: readonly Portrait[] = [
  {
    name: "astronaut",
    path: PICTURES.astronaut,
    face: { x: 182, y: 70, width: 89, height: 107 },
    eyes: [{ x: 203, y: 102 }, { x: 247, y: 103 }],
    nose: { x: 226, y: 128 },
    mouth: [{ x: 203, y: 140 }, { x: 247, y: 140 }],
  },
  {
    name: "hopper",
    path: PICTURES.hopper,
    face: { x: 184, y: 132, width: 165, height: 200 },
    eyes: [{ x: 224, y: 190 }, { x: 306, y: 187 }],
    nose: { x: 269, y: 244 },
    mouth: [{ x: 228, y: 279 }, { x: 307, y: 277 }],
  },
  {
    name: "obama",
    path: join(MEDIA_OF_TESTS, "obama.png"),
    face: { x: 81, y: 48, width: 134, height: 194 },
    eyes: [{ x: 121, y: 120 }, { x: 181, y: 120 }],
    nose: { x: 148, y: 158 },
    mouth: [{ x: 118, y: 180 }, { x: 183, y: 180 }],
  },
  {
    name: "biden",
    path: join(MEDIA_OF_TESTS, "biden.png"),
    face: { x: 58, y: 55, width: 140, height: 205 },
    eyes: [{ x: 111, y: 142 }, { x: 171, y: 153 }],
    nose: { x: 149, y: 186 },
    mouth: [{ x: 101, y: 210 }, { x: 159, y: 218 }],
  },
];

/** A portrait with its pixels. */
export interface LoadedPortrait extends Portrait {
  readonly picture: Picture;
}

/** Loads the part of a portrait that is placed in frames. Positions are in pixels of that part. */
export function loadPortrait(portrait: Portrait): LoadedPortrait {
  const { face, eyes, nose, mouth } = portrait;
  const whole = decodePng(Deno.readFileSync(portrait.path));
  const part = partAround(face, whole);
  const [left, top] = [Math.floor(part.x), Math.floor(part.y)];
  const frame = {
    ...whole,
    pixels: { kind: "rgb24", rgb: whole.rgb },
    capturedMs: 0,
    sourceTimeMs: 0,
  } as const;
  const moved = <P extends Point>(point: P): P => ({ ...point, x: point.x - left, y: point.y - top });
  return {
    ...portrait,
    picture: crop(frame, { x: left, y: top, width: Math.floor(part.width), height: Math.floor(part.height) }),
    face: moved(face),
    eyes: [moved(eyes[0]), moved(eyes[1])],
    nose: moved(nose),
    mouth: [moved(mouth[0]), moved(mouth[1])],
  };
}
