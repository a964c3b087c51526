/** Faces for the tests of the page: crops of the project's public-domain portraits, each of another size and tint. */
import { decodePng, encodePng } from "../../lib/image/png.ts";
import type { Picture } from "../../lib/image/crop.ts";
import { inProject } from "../../lib/testing/files.ts";

/** A square around a head in a portrait: centre and side, in pixels. */
interface Head {
  readonly path: string;
  readonly x: number;
  readonly y: number;
  readonly side: number;
}

const HEADS: readonly Head[] = [
  { path: "lib/camera/sample/astronaut.png", x: 225, y: 120, side: 190 },
  { path: "lib/camera/sample/hopper.png", x: 266, y: 225, side: 400 },
  { path: "test/media/camera.png", x: 245, y: 130, side: 170 },
];
/** Tints of red, green and blue: different light at different hours. */
const TINTS = [[1, 1, 1], [1.06, 1, 0.9], [0.86, 0.93, 1.05], [0.72, 0.7, 0.74], [1.1, 1.04, 0.98]];
const SIDE_PX = 192;

const portraits = new Map<string, Picture>();

/** The picture of a number; numbers that differ by 60 have the same one. */
export function pictureOf(number: number): Picture {
  const head = HEADS[number % HEADS.length];
  const tint = TINTS[Math.floor(number / HEADS.length) % TINTS.length];
  const move = Math.floor(number / (HEADS.length * TINTS.length)) % 4;
  const side = Math.round(head.side * (1 - 0.06 * move));
  const x = Math.round(head.x - side / 2 + 6 * move);
  const y = Math.round(head.y - side / 2 - 4 * move);
  return scaled(portrait(head.path), { x, y, side }, tint, number % 2 === 1);
}

function portrait(path: string): Picture {
  const known = portraits.get(path);
  if (known) return known;
  const picture = decodePng(Deno.readFileSync(inProject(path)));
  portraits.set(path, picture);
  return picture;
}

/** The square, scaled by its nearest pixels. */
function scaled(
  { width, height, rgb }: Picture,
  { x, y, side }: { x: number; y: number; side: number },
  tint: readonly number[],
  isMirrored: boolean,
): Picture {
  const to = new Uint8Array(SIDE_PX * SIDE_PX * 3);
  const clamped = (value: number, limit: number) => Math.max(0, Math.min(limit - 1, value));
  for (let row = 0; row < SIDE_PX; row++) {
    for (let column = 0; column < SIDE_PX; column++) {
      const at = isMirrored ? SIDE_PX - 1 - column : column;
      const fromX = clamped(x + Math.floor(at * side / SIDE_PX), width);
      const fromY = clamped(y + Math.floor(row * side / SIDE_PX), height);
      for (let channel = 0; channel < 3; channel++) {
        const value = rgb[(fromY * width + fromX) * 3 + channel] * tint[channel];
        to[(row * SIDE_PX + column) * 3 + channel] = Math.min(255, value);
      }
    }
  }
  return { width: SIDE_PX, height: SIDE_PX, rgb: to };
}

const encoded = new Map<number, Uint8Array<ArrayBuffer>>();

/** The same as a PNG without metadata. */
export function pngOf(number: number): Uint8Array<ArrayBuffer> {
  const index = number % 60;
  const known = encoded.get(index) ?? encodePng(pictureOf(index));
  encoded.set(index, known);
  return known;
}
