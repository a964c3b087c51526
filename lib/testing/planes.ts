/** Gray planes for tests and benchmarks. */
import { type Frame, grayPlane } from "../image/frame.ts";
import { decodePng } from "../image/png.ts";

/** A gray plane of `width * height` bytes. */
export interface Plane {
  readonly gray: Uint8Array<ArrayBuffer>;
  readonly width: number;
  readonly height: number;
}

/** The gray plane of a PNG file. */
export async function readPlane(path: string): Promise<Plane> {
  const { width, height, rgb } = decodePng(await Deno.readFile(path));
  const frame = { width, height, pixels: { kind: "rgb24", rgb } } as Frame;
  return { gray: grayPlane(frame), width, height };
}

function planeOf(width: number, height: number, pixel: (x: number, y: number) => number): Plane {
  const gray = Uint8Array.from(
    { length: width * height },
    (_, at) => pixel(at % width, Math.floor(at / width)),
  );
  return { gray, width, height };
}

/** A part of a plane. */
export function cropped({ gray, width }: Plane, left: number, top: number, w: number, h: number): Plane {
  return planeOf(w, h, (x, y) => gray[(top + y) * width + left + x]);
}

/** A plane at another size, each pixel the nearest one: its blocks are as good a test as any. */
export function scaled({ gray, width, height }: Plane, w: number, h: number): Plane {
  return planeOf(w, h, (x, y) => gray[Math.floor(y * height / h) * width + Math.floor(x * width / w)]);
}

/** Random numbers from 0 to less than 1, the same for the same seed (a linear congruential generator). */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Random gray values, the same for the same seed. */
export function noise(width: number, height: number, seed: number): Plane {
  const random = randomNumbers(seed);
  return planeOf(width, height, () => Math.floor(random() * 256));
}

export function flat(width: number, height: number, gray: number): Plane {
  return planeOf(width, height, () => gray);
}

/** A chess board of black and white. */
export function stripes(width: number, height: number, period: number): Plane {
  return planeOf(width, height, (x, y) => (Math.floor(x / period) + Math.floor(y / period)) % 2 * 255);
}
