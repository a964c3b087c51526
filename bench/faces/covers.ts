/** What people wear over their faces, painted into a portrait where its eyes, mouth and chin are. */
import type { Picture } from "../../lib/image/crop.ts";
import type { Point } from "../../lib/image/frame.ts";
import { type Colour, shaded } from "./backgrounds.ts";
import type { LoadedPortrait } from "./portraits.ts";

export const COVERS = ["mask", "sunglasses", "scarf"] as const;
export type Cover = typeof COVERS[number];

const MASK: Colour = [172, 202, 214];
const PLEAT: Colour = [150, 182, 198];
const STRAP: Colour = [225, 232, 236];
const LENS: Colour = [22, 22, 26];
const SCARVES: readonly Colour[] = [[150, 40, 44], [92, 96, 104], [30, 44, 90], [168, 150, 116]];
/** The scarf hides this share of the face, from the chin up. */
const SCARF_SHARE = 0.45;

/**
 * A place on the face: `across` 0 is the line from between the eyes to between the mouth's corners, -1 and 1 are the
 * temples; `down` 0 is the line of the eyes, 1 the chin. The hairline is near -0.6.
 */
interface Place {
  readonly across: number;
  readonly down: number;
}

/** A copy of the portrait with something worn. `kind` chooses among the colours of scarves. */
export function covered(portrait: LoadedPortrait, cover: Cover, kind: number): LoadedPortrait {
  const paint =
    { mask: maskAt, sunglasses: lensAt, scarf: scarfAt(SCARVES[kind % SCARVES.length], portrait) }[cover];
  const picture = { ...portrait.picture, rgb: portrait.picture.rgb.slice() };
  const placeOf = placesOn(portrait);
  for (let y = 0, at = 0; y < picture.height; y++) {
    for (let x = 0; x < picture.width; x++, at += 3) {
      const colour = paint(placeOf({ x: x + 0.5, y: y + 0.5 }));
      if (colour) setPixel(picture, at, colour);
    }
  }
  return { ...portrait, picture };
}

/** From pixels to places: the axes follow the tilt of the portrait's own face. */
function placesOn({ face, eyes, mouth }: LoadedPortrait): (point: Point) => Place {
  const between = midpoint(...eyes);
  const down = { x: midpoint(...mouth).x - between.x, y: midpoint(...mouth).y - between.y };
  const toChin = face.y + face.height - between.y;
  const axis = { x: down.x / Math.hypot(down.x, down.y), y: down.y / Math.hypot(down.x, down.y) };
  return ({ x, y }) => {
    const [dx, dy] = [x - between.x, y - between.y];
    return {
      across: (dx * axis.y - dy * axis.x) / (face.width / 2),
      down: (dx * axis.x + dy * axis.y) / toChin,
    };
  };
}

/** A surgical mask: from the bridge of the nose to below the chin, with three pleats and its straps. */
function maskAt({ across, down }: Place): Colour | undefined {
  const side = Math.abs(across);
  const top = 0.28 + 0.16 * side;
  const bottom = 1.06 - 0.16 * side ** 2;
  if (side <= 0.95 && down >= top && down <= bottom) {
    const isPleat = [0.52, 0.66, 0.8].some((pleat) => Math.abs(down - pleat) < 0.012);
    return isPleat ? PLEAT : shaded(MASK, 1 - 0.12 * side);
  }
  const isStrap = side > 0.95 && side < 1.15 &&
    (Math.abs(down - 0.36) < 0.015 || Math.abs(down - 0.82) < 0.015);
  return isStrap ? STRAP : undefined;
}

/** Dark sunglasses: two lenses over the eyes, the bridge between them and the temples. */
function lensAt({ across, down }: Place): Colour | undefined {
  const side = Math.abs(across);
  const [dx, dy] = [(side - 0.46) / 0.4, (down - 0.04) / 0.25];
  if (dx ** 4 + dy ** 4 <= 1) return shaded(LENS, 1 + 0.6 * Math.max(0, -dy));
  const isFrame = Math.abs(down + 0.08) < 0.035 && side < 1.1;
  return isFrame ? LENS : undefined;
}

/** A knitted scarf around the lower part of the face and the neck. */
function scarfAt(colour: Colour, { face, eyes }: LoadedPortrait): (place: Place) => Colour | undefined {
  const toChin = face.y + face.height - midpoint(...eyes).y;
  const top = 1 - SCARF_SHARE * face.height / toChin;
  return ({ across, down }) => {
    if (Math.abs(across) > 1.35 || down < top + 0.05 * across ** 2 || down > 1.6) return undefined;
    const fold = Math.sin(down * 22 + across * 1.5);
    const stitch = Math.sin(across * 40) * Math.sin(down * 70);
    return shaded(colour, 1 + 0.18 * fold + 0.08 * stitch);
  };
}

function midpoint(a: Point, b: Point): Point {
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
}

function setPixel({ rgb }: Picture, at: number, colour: Colour): void {
  for (let channel = 0; channel < 3; channel++) {
    rgb[at + channel] = Math.min(255, Math.max(0, Math.round(colour[channel])));
  }
}
