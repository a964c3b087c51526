/** The places of the sample scenes, painted once: what the cameras show while nobody passes. */
import type { Picture } from "../image/crop.ts";

/** The size of the frames, in pixels. */
export const SCENE_SIZE = { width: 640, height: 480 };
/** People are visible above this row only: a wall or a hedge hides the rest. */
export const HORIZON_Y = 392;

type Colour = readonly [red: number, green: number, blue: number];

/** A rectangle whose colour changes evenly from its upper to its lower edge. */
interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly top: Colour;
  readonly bottom?: Colour;
}

const BRICK = { width: 64, height: 22, joint: 3 };
const PLANK = { width: 40, gap: 3 };

/** A plastered wall with a door, behind a low wall of bricks. */
export function paintFront(): Picture {
  const { width, height } = SCENE_SIZE;
  const areas: Area[] = [
    { x: 0, y: 0, width, height, top: [205, 196, 180], bottom: [178, 168, 152] },
    { x: 396, y: 70, width: 168, height: 410, top: [118, 104, 90] },
    { x: 408, y: 82, width: 144, height: 398, top: [62, 88, 96], bottom: [46, 66, 74] },
    { x: 422, y: 98, width: 116, height: 90, top: [124, 148, 152], bottom: [100, 124, 130] },
    { x: 526, y: 262, width: 12, height: 34, top: [178, 158, 104] },
    { x: 330, y: 120, width: 26, height: 44, top: [228, 208, 150], bottom: [204, 184, 128] },
    { x: 0, y: HORIZON_Y, width, height: height - HORIZON_Y, top: [150, 140, 130] },
  ];
  for (let y = HORIZON_Y, row = 0; y < height; y += BRICK.height, row++) {
    for (let x = row % 2 * -BRICK.width / 2; x < width; x += BRICK.width) {
      const shade = unevenness(x, y) * 2;
      areas.push({
        x: x + BRICK.joint,
        y: y + BRICK.joint,
        width: BRICK.width - BRICK.joint,
        height: BRICK.height - BRICK.joint,
        top: [138 + shade, 88 + shade, 72 + shade],
        bottom: [122 + shade, 76 + shade, 62 + shade],
      });
    }
  }
  return painted(areas);
}

/** A fence of planks below the sky, behind a hedge. */
export function paintYard(): Picture {
  const { width, height } = SCENE_SIZE;
  const areas: Area[] = [{ x: 0, y: 0, width, height, top: [142, 176, 208], bottom: [206, 218, 222] }];
  for (let x = 0; x < width; x += PLANK.width) {
    const shade = unevenness(x, 0) * 2;
    areas.push({
      x,
      y: 130,
      width: PLANK.width - PLANK.gap,
      height: height - 130,
      top: [158 + shade, 142 + shade, 122 + shade],
      bottom: [128 + shade, 114 + shade, 98 + shade],
    });
  }
  areas.push({ x: 0, y: 168, width, height: 12, top: [120, 106, 90] });
  areas.push({
    x: 0,
    y: HORIZON_Y,
    width,
    height: height - HORIZON_Y,
    top: [84, 118, 66],
    bottom: [48, 78, 42],
  });
  return painted(areas);
}

/** A picture of the areas, a later one above an earlier one, with a fine grain. */
function painted(areas: readonly Area[]): Picture {
  const { width, height } = SCENE_SIZE;
  const rgb = new Uint8Array(width * height * 3);
  for (const area of areas) {
    for (let y = Math.max(0, area.y); y < Math.min(height, area.y + area.height); y++) {
      const below = (y - area.y) / area.height;
      for (let x = Math.max(0, area.x); x < Math.min(width, area.x + area.width); x++) {
        const grain = unevenness(x, y);
        area.top.forEach((top, channel) => {
          const bottom = (area.bottom ?? area.top)[channel];
          rgb[(y * width + x) * 3 + channel] = top + (bottom - top) * below + grain;
        });
      }
    }
  }
  return { width, height, rgb };
}

/** A number from -4 to 3 that depends on the position only, and looks random. */
function unevenness(x: number, y: number): number {
  const mixed = Math.imul(x * 374_761 + y * 668_265 + 1, 0x27d4eb2d);
  return ((mixed ^ mixed >>> 15) >>> 5 & 7) - 4;
}
