/**
 * The content of the clips. A clip is a stack of layers on a wall; each layer is a moving part of a picture. This file
 * and paint.ts alone determine every pixel.
 */

/** A part of a picture. Sizes in pixels of that picture. */
export interface Cutout {
  readonly picture: "astronaut" | "hopper" | "ascent" | "camera" | "coffee";
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  /** The box of a frontal face: x, y, width, height. */
  readonly face?: readonly [number, number, number, number];
  /** Swaps left and right. */
  readonly mirrored?: boolean;
  /** Swaps top and bottom. */
  readonly upsideDown?: boolean;
  /** Factors of the samples at the left and right edge, interpolated in between; default 1 and 1. */
  readonly light?: readonly [left: number, right: number];
  /** Fades out to an ellipse, which hides the rectangular background of the picture. */
  readonly oval?: boolean;
}

/** The position of a layer at a frame, in pixels; between two places it is interpolated linearly. */
export interface Place {
  readonly frame: number;
  readonly centreX: number;
  readonly centreY: number;
  /** Width of the cutout; the height keeps its proportions. */
  readonly width: number;
}

/** A cutout that is shown from its first place to its last one. */
export interface Layer {
  readonly cutout: Cutout;
  readonly places: readonly Place[];
}

/** A clip. Later layers hide earlier ones. */
export interface Clip {
  readonly width: number;
  readonly height: number;
  readonly framesPerSecond: number;
  readonly frames: number;
  readonly layers: readonly Layer[];
}

const COLLINS: Cutout = {
  picture: "astronaut",
  left: 118,
  top: 6,
  width: 212,
  height: 244,
  face: [176, 66, 95, 95],
  oval: true,
};
const HOPPER: Cutout = {
  picture: "hopper",
  left: 76,
  top: 4,
  width: 400,
  height: 460,
  face: [147, 102, 239, 239],
  oval: true,
};
const COLLINS_DARK: Cutout = { ...COLLINS, mirrored: true, light: [0.7, 0.7] };
const HOPPER_PALE: Cutout = { ...HOPPER, mirrored: true, light: [1.2, 1.2] };

/** Width of a face relative to its cutout, approximately. */
const FACE = 0.5;

/** `face` is the width of the face in pixels. */
function at(frame: number, centreX: number, centreY: number, face: number): Place {
  return { frame, centreX, centreY, width: face / FACE };
}

/** A person who walks up to the door from `frame` on and stays until the next person comes. */
function caller(cutout: Cutout, frame: number): Layer {
  return {
    cutout,
    places: [at(frame, 300, 230, 40), at(frame + 24, 312, 222, 108), at(frame + 35, 306, 224, 110)],
  };
}

const CALLS_EVERY = 36;
/** Two people whose faces the detector distinguishes, since it compares light and dark parts. */
const LIT_LEFT: Cutout = { ...COLLINS, light: [1.2, 0.5] };
const LIT_RIGHT: Cutout = { ...HOPPER, light: [0.4, 1.2] };

/** The clips by name. */
export const CLIPS = {
  /** Four people walk by, in front of each other, and leave by the edges. */
  walkers: {
    width: 640,
    height: 480,
    framesPerSecond: 12,
    frames: 120,
    layers: [
      { cutout: HOPPER, places: [at(0, -70, 150, 58), at(80, 710, 170, 58)] },
      { cutout: HOPPER_PALE, places: [at(50, 720, 300, 90), at(85, 560, 290, 96), at(119, 700, 300, 90)] },
      { cutout: COLLINS_DARK, places: [at(20, 180, 250, 44), at(80, 200, 300, 110), at(119, 150, 560, 130)] },
      { cutout: COLLINS, places: [at(8, 740, 210, 84), at(104, -110, 190, 84)] },
    ],
  },
  /** Five visits of two people, one after the other at the same place. */
  door: {
    width: 640,
    height: 480,
    framesPerSecond: 10,
    frames: 5 * CALLS_EVERY,
    layers: [0, 1, 2, 3, 4].map((call) => caller(call % 2 ? LIT_RIGHT : LIT_LEFT, call * CALLS_EVERY)),
  },
  /** People from behind and a face upside down, in motion: the cascade should find none of them. */
  backs: {
    width: 480,
    height: 360,
    framesPerSecond: 10,
    frames: 60,
    layers: [
      {
        cutout: { picture: "ascent", left: 0, top: 0, width: 512, height: 512 },
        places: [{ frame: 0, centreX: 260, centreY: 120, width: 600 }, {
          frame: 59,
          centreX: 200,
          centreY: 240,
          width: 600,
        }],
      },
      {
        cutout: { picture: "camera", left: 100, top: 40, width: 300, height: 440 },
        places: [{ frame: 0, centreX: 520, centreY: 200, width: 190 }, {
          frame: 40,
          centreX: 60,
          centreY: 220,
          width: 190,
        }],
      },
      { cutout: { ...COLLINS, upsideDown: true }, places: [at(20, -60, 160, 90), at(59, 440, 180, 90)] },
    ],
  },
} satisfies Record<string, Clip>;
export type ClipName = keyof typeof CLIPS;
