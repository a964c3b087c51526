/** Composes frames: a portrait under a condition on a computed background, or pictures without a face. */
import type { Picture } from "../../lib/image/crop.ts";
import type { Box, SearchPlane } from "../../lib/image/frame.ts";
import { randomNumbers } from "../../lib/testing/planes.ts";
import { background, BACKGROUND_KINDS, type Random } from "./backgrounds.ts";
import { type Condition, DARK_NOISE, LIGHT_NOISE } from "./conditions.ts";
import { covered } from "./covers.ts";
import { exposed } from "./exposure.ts";
import type { LoadedPortrait } from "./portraits.ts";
import { place } from "./sprite.ts";

export const FRAME = { width: 640, height: 480 };

/** A frame and the box of the part of its face that is in view. */
export interface FaceFrame {
  readonly plane: SearchPlane;
  readonly face: Box;
}

/** Width of a face where the condition names none, pixels. The smallest portrait has 89. */
const FACE_PX = [48, 80];
/** Tilt where the condition names none, degrees to either side. */
const USUAL_TILT = 5;

/**
 * One portrait in one scene. The scene has the same background, position and light under every condition, so that
 * conditions are compared on equal frames.
 */
export class Scene {
  readonly #background: Picture;
  readonly #parts: { width: number; tilt: number; across: number; down: number; side: number; light: number };

  /** @param nth the number of the scene; equal numbers have equal scenes. */
  constructor(private readonly portrait: LoadedPortrait, private readonly nth: number) {
    const random = seeded(nth);
    const [width, tilt, across, down, side, light] = Array.from({ length: 6 }, random);
    this.#parts = { width, tilt, across, down, side, light };
    this.#background = background(FRAME, nth % BACKGROUND_KINDS, random);
  }

  /** The frame that a camera delivers of the scene. */
  under(condition: Condition): FaceFrame {
    const { width, tilt, across, down, side, light } = this.#parts;
    const facePx = condition.facePx ?? Math.round(FACE_PX[0] + width * (FACE_PX[1] - FACE_PX[0]));
    const canvas = { ...FRAME, rgb: this.#background.rgb.slice() };
    const worn = condition.cover ? covered(this.portrait, condition.cover, this.nth) : this.portrait;
    const reach = facePx * 1.2; // A tilted face stays inside.
    const inside = (part: number, length: number) => reach + part * (length - 2 * reach);
    const box = place(canvas, worn, {
      centre: {
        x: condition.cut ? (side < 0.5 ? 0 : FRAME.width) : inside(across, FRAME.width),
        y: inside(down, FRAME.height),
      },
      facePx,
      tilt: condition.tilt === undefined
        ? (2 * tilt - 1) * USUAL_TILT
        : condition.tilt * (side < 0.5 ? -1 : 1),
      mirrored: this.nth % 2 === 1,
    });
    return { plane: exposedUnder(canvas, condition, facePx, light, seeded(this.nth)), face: inFrame(box) };
  }
}

/** A frame without a face: a background, or a part of a picture, mirrored in every second one. */
export function emptyFrame(picture: Picture | undefined, nth: number): SearchPlane {
  const random = seeded(nth);
  const canvas = picture
    ? partOf(picture, nth % 2 === 1, random)
    : background(FRAME, nth % BACKGROUND_KINDS, random);
  return exposedUnder(canvas, {}, 0, random(), random);
}

function exposedUnder(
  canvas: Picture,
  { light = 1, noise, blur = 0, gray }: Partial<Condition>,
  facePx: number,
  part: number,
  random: Random,
): SearchPlane {
  // Light from one side: up to 25 % between the edges of the frame.
  const slope = part * 0.5 - 0.25;
  return exposed(canvas, {
    light: [light * (1 - slope / 2), light * (1 + slope / 2)],
    blurPx: Math.round(blur * facePx),
    noise: noise ?? (light < 1 ? DARK_NOISE : LIGHT_NOISE),
    gray: gray === true,
  }, random);
}

/** A random part of a picture, half to all of its height, enlarged or reduced to a frame (nearest pixel). */
function partOf({ width, height, rgb }: Picture, isMirrored: boolean, random: Random): Picture {
  const share = 0.5 + random() / 2;
  const scale = Math.min(width / FRAME.width, height / FRAME.height) * share;
  const left = random() * (width - FRAME.width * scale);
  const top = random() * (height - FRAME.height * scale);
  const part = new Uint8Array(FRAME.width * FRAME.height * 3);
  for (let y = 0, at = 0; y < FRAME.height; y++) {
    for (let x = 0; x < FRAME.width; x++) {
      const column = Math.floor(left + (isMirrored ? FRAME.width - 1 - x : x) * scale);
      const from = (Math.floor(top + y * scale) * width + column) * 3;
      for (let channel = 0; channel < 3; channel++) part[at++] = rgb[from + channel];
    }
  }
  return { ...FRAME, rgb: part };
}

/** The part of a box inside the frame. */
export function inFrame({ x, y, width, height }: Box): Box {
  const [left, top] = [Math.max(0, x), Math.max(0, y)];
  const [right, bottom] = [Math.min(FRAME.width, x + width), Math.min(FRAME.height, y + height)];
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** Random numbers of a series. Seeds are spread, as a linear congruential generator begins alike for near seeds. */
function seeded(nth: number): Random {
  return randomNumbers(Math.imul(nth + 1, 0x9e3779b1) >>> 0);
}
