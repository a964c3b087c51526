/** Frames with painted people for tests: a head with hair, a face and clothes before a wall. */
import type { Box, Frame } from "../image/frame.ts";

/** Red, green and blue, 0..255. */
export type Colour = readonly [red: number, green: number, blue: number];

/** What somebody looks like, and the square around the face. */
export interface PaintedPerson {
  readonly face: Box;
  readonly hair: Colour;
  readonly skin: Colour;
  readonly clothes: Colour;
}

/** The light: a factor for each colour. */
export type Light = readonly [red: number, green: number, blue: number];

const WALL: Colour = [150, 140, 130];

/** A frame in RGB. The wall is lighter at its top, and the face has eyes and a mouth. */
export function framePainted(
  people: readonly PaintedPerson[],
  { width = 320, height = 240, light = [1, 1, 1], sourceTimeMs = 0 }: {
    readonly width?: number;
    readonly height?: number;
    readonly light?: Light;
    readonly sourceTimeMs?: number;
  } = {},
): Frame {
  const rgb = new Uint8Array(width * height * 3);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const colour = people.map((person) => colourOf(person, x, y)).find((colour) => colour) ??
        WALL.map((value) => value + 20 - 40 * y / height);
      for (let channel = 0; channel < 3; channel++) {
        rgb[at++] = Math.max(0, Math.min(255, Math.round(colour[channel] * light[channel])));
      }
    }
  }
  return { width, height, pixels: { kind: "rgb24", rgb }, capturedMs: sourceTimeMs, sourceTimeMs };
}

/** The colour of a person at a pixel; undefined beside the person. */
function colourOf(
  { face, hair, skin, clothes }: PaintedPerson,
  x: number,
  y: number,
): readonly number[] | undefined {
  const across = (x + 0.5 - face.x) / face.width;
  const down = (y + 0.5 - face.y) / face.height;
  const fromMiddle = Math.abs(across - 0.5);
  if (down > 1.05) return fromMiddle < 0.8 ? clothes : undefined;
  if (down < -0.15 || fromMiddle > 0.4) return undefined;
  if (down < 0.15) return hair;
  const isDark = (down > 0.35 && down < 0.45 && fromMiddle > 0.12 && fromMiddle < 0.25) ||
    (down > 0.75 && down < 0.82 && fromMiddle < 0.18);
  return isDark ? skin.map((value) => value / 2) : skin;
}

/** The same frame of a gray camera, in YUV with chroma of 128 (full range). */
export function asGray({ width, height, pixels, ...frame }: Frame): Frame {
  if (pixels.kind !== "rgb24") throw new Error("the frame is not RGB");
  const { rgb } = pixels;
  const y = Uint8Array.from(
    { length: width * height },
    (_, at) => (77 * rgb[at * 3] + 150 * rgb[at * 3 + 1] + 29 * rgb[at * 3 + 2]) >> 8,
  );
  const chroma = new Uint8Array(((width + 1) >> 1) * ((height + 1) >> 1)).fill(128);
  return { ...frame, width, height, pixels: { kind: "yuv420", y, u: chroma, v: chroma, fullRange: true } };
}
