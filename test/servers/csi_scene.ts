/** The scene of the stand-in cameras: the sample's portrait before a gray wall, in each program's format. */
import { decodePng } from "../../lib/image/png.ts";

const PORTRAIT = new URL("../../lib/camera/sample/astronaut.png", import.meta.url);
const WALL: Rgb = [128, 128, 128];

type Rgb = readonly [number, number, number];

/** Colours by position; beyond its edges a picture repeats its edge. */
export interface Scene {
  readonly width: number;
  readonly height: number;
  at(x: number, y: number): Rgb;
}

/** The portrait, in its own size, in the middle of an upright picture. */
export function uprightScene(width: number, height: number): Scene {
  const portrait = decodePng(Deno.readFileSync(PORTRAIT));
  const left = (width - portrait.width) >> 1;
  const top = (height - portrait.height) >> 1;
  return {
    width,
    height,
    at(x, y) {
      const [column, row] = [x - left, y - top];
      if (column < 0 || row < 0 || column >= portrait.width || row >= portrait.height) return WALL;
      const at = (row * portrait.width + column) * 3;
      return [portrait.rgb[at], portrait.rgb[at + 1], portrait.rgb[at + 2]];
    },
  };
}

/** A scene rotated clockwise; independent of the rotation under test. */
export function rotatedScene(scene: Scene, degrees: number): Scene {
  const { width, height } = scene;
  switch ((degrees + 360) % 360) {
    case 90:
      return { width: height, height: width, at: (x, y) => scene.at(y, height - 1 - x) };
    case 180:
      return { width, height, at: (x, y) => scene.at(width - 1 - x, height - 1 - y) };
    case 270:
      return { width: height, height: width, at: (x, y) => scene.at(width - 1 - y, x) };
    default:
      return scene;
  }
}

/** BT.601 4:2:0 planes, each row padded to a whole number of `chromaAlignment` (chroma) and twice that (luma). */
export function i420(
  { width, height, at }: Scene,
  { fullRange, lumaAlignment, chromaAlignment }: {
    fullRange: boolean;
    lumaAlignment: number;
    chromaAlignment: number;
  },
): Uint8Array {
  const padded = (size: number, step: number) => Math.ceil(size / step) * step;
  const lumaStride = padded(width, lumaAlignment);
  const [chromaWidth, chromaHeight] = [(width + 1) >> 1, (height + 1) >> 1];
  const chromaStride = padded(chromaWidth, chromaAlignment);
  const luma = lumaStride * height;
  const chroma = chromaStride * chromaHeight;
  const bytes = new Uint8Array(luma + 2 * chroma).fill(0xee); // Padding is no part of the picture.
  const [lumaScale, offset, chromaScale] = fullRange ? [1, 0, 1] : [219 / 255, 16, 224 / 255];
  const y = ([red, green, blue]: Rgb) => 0.299 * red + 0.587 * green + 0.114 * blue;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      bytes[row * lumaStride + column] = Math.round(offset + lumaScale * y(at(column, row)));
    }
  }
  for (let row = 0; row < chromaHeight; row++) {
    for (let column = 0; column < chromaWidth; column++) {
      const colour = at(column * 2, row * 2);
      const place = luma + row * chromaStride + column;
      bytes[place] = Math.round(128 + chromaScale * (colour[2] - y(colour)) / 1.772);
      bytes[place + chroma] = Math.round(128 + chromaScale * (colour[0] - y(colour)) / 1.402);
    }
  }
  return bytes;
}
