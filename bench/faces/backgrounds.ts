/** Backgrounds without faces, computed: walls, shelves, foliage, tiles and stripes. */
import type { Picture } from "../../lib/image/crop.ts";
import type { Size } from "../../lib/image/frame.ts";

/** Random numbers from 0 to less than 1. */
export type Random = () => number;
export type Colour = readonly [red: number, green: number, blue: number];

const KINDS = [wall, shelves, foliage, tiles, stripes];
export const BACKGROUND_KINDS = KINDS.length;

/** A background of a kind, from 0 to BACKGROUND_KINDS - 1; its colours and sizes are random. */
export function background(size: Size, kind: number, random: Random): Picture {
  return KINDS[kind](size, random);
}

/** Fills a picture with a colour for each pixel. */
function painted(size: Size, colourAt: (x: number, y: number) => Colour): Picture {
  const rgb = new Uint8Array(size.width * size.height * 3);
  for (let y = 0, at = 0; y < size.height; y++) {
    for (let x = 0; x < size.width; x++, at += 3) {
      const colour = colourAt(x, y);
      for (let channel = 0; channel < 3; channel++) {
        rgb[at + channel] = Math.min(255, Math.max(0, colour[channel]));
      }
    }
  }
  return { ...size, rgb };
}

/** A plain wall that is lighter at its top, with a door frame. */
function wall(size: Size, random: Random): Picture {
  const colour = colourOf(random, 90, 200);
  const [door, width] = [random() * size.width, 10 + random() * 60];
  return painted(size, (x, y) => {
    const light = (x > door && x < door + width ? 0.55 : 1) * (1.1 - 0.3 * y / size.height);
    return shaded(colour, light);
  });
}

/** Boxes of many colours on shelves. */
function shelves(size: Size, random: Random): Picture {
  const rows = 4 + Math.floor(random() * 5);
  const columns = 8 + Math.floor(random() * 16);
  const colours = Array.from({ length: rows * columns }, () => colourOf(random, 20, 230));
  const [w, h] = [size.width / columns, size.height / rows];
  return painted(size, (x, y) => {
    const [row, column] = [Math.floor(y / h), Math.floor(x / w)];
    const isBoard = y % h < 5 || x % w < 2;
    return isBoard ? [60, 45, 35] : shaded(colours[row * columns + column], 0.8 + 0.4 * (x % w) / w);
  });
}

/** Leaves: three layers of value noise. */
function foliage(size: Size, random: Random): Picture {
  const layers = [60, 22, 8].map((cell) => valueNoise(size, cell, random));
  const colour = colourOf(random, 60, 180);
  return painted(size, (x, y) => {
    const at = y * size.width + x;
    return shaded(colour, 0.3 + 0.6 * layers[0][at] + 0.5 * layers[1][at] + 0.4 * layers[2][at]);
  });
}

/** Tiles with round marks. */
function tiles(size: Size, random: Random): Picture {
  const side = 24 + Math.floor(random() * 60);
  const [ground, mark] = [colourOf(random, 120, 230), colourOf(random, 20, 120)];
  const radius = side * (0.15 + 0.2 * random());
  return painted(size, (x, y) => {
    const [dx, dy] = [x % side - side / 2, y % side - side / 2];
    if (Math.hypot(dx, dy) < radius) return mark;
    return x % side < 2 || y % side < 2 ? shaded(ground, 0.6) : ground;
  });
}

/** Slanted stripes. */
function stripes(size: Size, random: Random): Picture {
  const [a, b] = [colourOf(random, 30, 220), colourOf(random, 30, 220)];
  const [period, slope] = [8 + random() * 50, random() * 2 - 1];
  return painted(size, (x, y) => (x + y * slope + 2000) % period < period / 2 ? a : b);
}

/** Values from 0 to 1 at the corners of square cells, interpolated linearly in between. */
function valueNoise({ width, height }: Size, cell: number, random: Random): Float32Array {
  const columns = Math.ceil(width / cell) + 2;
  const corners = Float32Array.from({ length: columns * (Math.ceil(height / cell) + 2) }, random);
  const values = new Float32Array(width * height);
  for (let y = 0, at = 0; y < height; y++) {
    const row = Math.floor(y / cell) * columns;
    const below = y / cell % 1;
    for (let x = 0; x < width; x++, at++) {
      const corner = row + Math.floor(x / cell);
      const right = x / cell % 1;
      const upper = corners[corner] * (1 - right) + corners[corner + 1] * right;
      const lower = corners[corner + columns] * (1 - right) + corners[corner + columns + 1] * right;
      values[at] = upper * (1 - below) + lower * below;
    }
  }
  return values;
}

function colourOf(random: Random, least: number, most: number): Colour {
  const value = () => least + random() * (most - least);
  return [value(), value(), value()];
}

/** A colour with its light multiplied. */
export function shaded([red, green, blue]: Colour, factor: number): Colour {
  return [red * factor, green * factor, blue * factor];
}
