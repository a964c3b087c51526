/**
 * Paints the frames of a clip. It uses only sums, products and roundings with the same results on every machine, so that
 * the pixels, and the stored boxes, are the same everywhere.
 */
import { decodePng } from "../../lib/image/png.ts";
import { randomNumbers } from "../../lib/testing/planes.ts";
import type { Clip, Cutout, Place } from "./clips.ts";
import { PICTURES } from "./corpus.ts";

/** RGB samples, three for each pixel. */
interface Raster {
  readonly width: number;
  readonly height: number;
  readonly rgb: Uint8Array;
}

/** An opaque pixel of a mask. */
const OPAQUE = 256;
/** Slope of the mask at the edge of an oval. */
const OVAL_SLOPE = 4;
/** Noise of the sensor on a luma sample: -NOISE to NOISE. Without it, frames of a still scene would be equal. */
const NOISE = 2;

/** A cutout at one of its sizes. */
interface Sprite extends Raster {
  /** Opacity of each pixel: 0 to OPAQUE. */
  readonly alpha: Uint16Array;
}

/** Paints every frame in turn, as YUV 4:2:0 planes (BT.601, limited range), one buffer for all. */
export function* paint(clip: Clip): Generator<Uint8Array<ArrayBuffer>> {
  const { width, height } = clip;
  const planes = new Uint8Array(width * height * 3 / 2);
  const background = wall(width, height);
  const canvas = { width, height, rgb: new Uint8Array(background.length) };
  const sprites = new Map<Cutout, Sprite>();
  const random = randomNumbers(1);
  for (let frame = 0; frame < clip.frames; frame++) {
    canvas.rgb.set(background);
    for (const { cutout, places } of clip.layers) {
      const place = placeAt(places, frame);
      if (!place) continue;
      const known = sprites.get(cutout);
      const sprite = known?.width === place.width ? known : spriteOf(cutout, place.width);
      sprites.set(cutout, sprite);
      blend(canvas, sprite, place);
    }
    writePlanes(canvas, planes, random);
    yield planes;
  }
}

/** A wall that is lighter at its top, with a door frame on it. */
function wall(width: number, height: number): Uint8Array {
  const rgb = new Uint8Array(width * height * 3);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 3) {
      const isFrame = x % 320 < 12 && y > 60;
      const light = (isFrame ? 90 : 170) - Math.floor(y * 50 / height);
      rgb[at] = light;
      rgb[at + 1] = light - 6;
      rgb[at + 2] = light - 14;
    }
  }
  return rgb;
}

/** The place of a layer at a frame; `undefined` before its first place and after its last one. */
export function placeAt(places: readonly Place[], frame: number): Place | undefined {
  const next = places.findIndex((place) => place.frame >= frame);
  if (next < 0 || frame < places[0].frame) return undefined;
  const [from, to] = [places[Math.max(0, next - 1)], places[next]];
  const part = from === to ? 0 : (frame - from.frame) / (to.frame - from.frame);
  const between = (a: number, b: number) => Math.round(a + (b - a) * part);
  return {
    frame,
    centreX: between(from.centreX, to.centreX),
    centreY: between(from.centreY, to.centreY),
    width: between(from.width, to.width),
  };
}

const pictures = new Map<string, Raster>();

function pictureOf(name: Cutout["picture"]): Raster {
  if (!pictures.has(name)) pictures.set(name, decodePng(Deno.readFileSync(PICTURES[name])));
  return pictures.get(name)!;
}

/** Scales a cutout: each pixel is the average of those it covers, or the nearest one where the cutout is enlarged. */
function spriteOf(cutout: Cutout, width: number): Sprite {
  const height = Math.round(width * cutout.height / cutout.width);
  const picture = pictureOf(cutout.picture);
  const [left, right] = cutout.light ?? [1, 1];
  const sprite = {
    width,
    height,
    rgb: new Uint8Array(width * height * 3),
    alpha: new Uint16Array(width * height).fill(OPAQUE),
  };
  for (let y = 0, at = 0; y < height; y++) {
    const rows = covered(cutout.upsideDown ? height - 1 - y : y, height, cutout.height, cutout.top);
    for (let x = 0; x < width; x++, at++) {
      const columns = covered(cutout.mirrored ? width - 1 - x : x, width, cutout.width, cutout.left);
      const gain = left + (right - left) * x / width;
      for (let channel = 0; channel < 3; channel++) {
        const sample = Math.round(average(picture, rows, columns, channel) * gain);
        sprite.rgb[at * 3 + channel] = Math.min(255, sample);
      }
      if (cutout.oval) sprite.alpha[at] = ovalAt(x, y, width, height);
    }
  }
  return sprite;
}

/** Blends a sprite into the canvas, clipped to it. */
function blend(canvas: Raster, sprite: Sprite, { centreX, centreY }: Place): void {
  const [left, top] = [centreX - (sprite.width >> 1), centreY - (sprite.height >> 1)];
  for (let y = Math.max(0, -top); y < Math.min(sprite.height, canvas.height - top); y++) {
    for (let x = Math.max(0, -left); x < Math.min(sprite.width, canvas.width - left); x++) {
      const from = y * sprite.width + x;
      const to = ((top + y) * canvas.width + left + x) * 3;
      for (let channel = 0; channel < 3; channel++) {
        const below = canvas.rgb[to + channel];
        const change = (sprite.rgb[from * 3 + channel] - below) * sprite.alpha[from];
        canvas.rgb[to + channel] = below + (change >> 8);
      }
    }
  }
}

/** Opacity of the cutout at a pixel: 0 outside the ellipse, OPAQUE inside. */
function ovalAt(x: number, y: number, width: number, height: number): number {
  const [dx, dy] = [(2 * x + 1) / width - 1, (2 * y + 1) / height - 1];
  const inside = 1 - dx * dx - dy * dy;
  return Math.min(OPAQUE, Math.max(0, Math.floor(inside * OVAL_SLOPE * OPAQUE)));
}

type Span = readonly [from: number, end: number];

/** The source pixels that belong to a scaled pixel; `end` is behind the last one. */
function covered(scaled: number, scaledLength: number, length: number, start: number): Span {
  const from = Math.floor(scaled * length / scaledLength);
  const end = Math.max(from + 1, Math.floor((scaled + 1) * length / scaledLength));
  return [start + from, start + end];
}

function average({ width, rgb }: Raster, rows: Span, columns: Span, channel: number): number {
  let sum = 0;
  for (let row = rows[0]; row < rows[1]; row++) {
    for (let column = columns[0]; column < columns[1]; column++) {
      sum += rgb[(row * width + column) * 3 + channel];
    }
  }
  return sum / ((rows[1] - rows[0]) * (columns[1] - columns[0]));
}

/** BT.601 in whole numbers, limited range; chroma from the upper left pixel of each square of four. */
function writePlanes({ width, height, rgb }: Raster, planes: Uint8Array, random: () => number): void {
  const chromaU = width * height;
  const chromaV = chromaU + width * height / 4;
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at++) {
      const red = rgb[at * 3];
      const green = rgb[at * 3 + 1];
      const blue = rgb[at * 3 + 2];
      const noise = Math.floor(random() * (2 * NOISE + 1)) - NOISE;
      const luma = 16 + ((66 * red + 129 * green + 25 * blue + 128) >> 8) + noise;
      planes[at] = Math.min(235, Math.max(16, luma));
      if (x % 2 || y % 2) continue;
      const square = (y >> 1) * (width >> 1) + (x >> 1);
      planes[chromaU + square] = 128 + ((-38 * red - 74 * green + 112 * blue + 128) >> 8);
      planes[chromaV + square] = 128 + ((112 * red - 94 * green - 18 * blue + 128) >> 8);
    }
  }
}
