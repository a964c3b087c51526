/** Places a portrait in a picture: scaled, tilted, mirrored, with soft edges. */
import type { Picture } from "../../lib/image/crop.ts";
import type { Box, Point, Size } from "../../lib/image/frame.ts";
import { scaleDown } from "../../lib/image/scale.ts";

/** The part of a portrait around its face that is placed, in widths and heights of the face; most is above it. */
const AROUND = { sides: 0.6, above: 0.5, below: 0.35 };
/** Share of the half size over which the edge of that part fades out. */
const FADE = 0.15;

/** Where a face goes: the centre of its box in the picture, in pixels. */
export interface Placement {
  readonly centre: Point;
  /** Width of the upright face, pixels. */
  readonly facePx: number;
  /** Clockwise, degrees. */
  readonly tilt: number;
  readonly mirrored: boolean;
}

/** Blends a portrait into `canvas` and returns the upright box around its face; it may reach beyond the canvas. */
export function place(canvas: Picture, portrait: { picture: Picture; face: Box }, at: Placement): Box {
  const { picture, face } = scaled(portrait, at.facePx / portrait.face.width);
  const middle = { x: face.x + face.width / 2, y: face.y + face.height / 2 };
  const part = partAround(face, picture);
  const [sin, cos] = [Math.sin(at.tilt * Math.PI / 180), Math.cos(at.tilt * Math.PI / 180)];
  const reach = Math.hypot((0.5 + AROUND.sides) * face.width, (0.5 + AROUND.above) * face.height);
  const [left, top] = [Math.floor(at.centre.x - reach), Math.floor(at.centre.y - reach)];
  const right = Math.min(canvas.width, left + 2 * Math.ceil(reach));
  const bottom = Math.min(canvas.height, top + 2 * Math.ceil(reach));
  for (let y = Math.max(0, top); y < bottom; y++) {
    for (let x = Math.max(0, left); x < right; x++) {
      const [dx, dy] = [x + 0.5 - at.centre.x, y + 0.5 - at.centre.y];
      const along = (dx * cos + dy * sin) * (at.mirrored ? -1 : 1);
      blend(canvas, (y * canvas.width + x) * 3, picture, {
        x: middle.x + along,
        y: middle.y + dy * cos - dx * sin,
      }, part);
    }
  }
  return upright(face, at.centre, Math.abs(sin), cos);
}

/** The portrait at a scale of at most 1. */
function scaled({ picture, face }: { picture: Picture; face: Box }, scale: number) {
  const size = { width: Math.round(picture.width * scale), height: Math.round(picture.height * scale) };
  const [h, v] = [size.width / picture.width, size.height / picture.height];
  return {
    picture: scaleDown(picture, size),
    face: { x: face.x * h, y: face.y * v, width: face.width * h, height: face.height * v },
  };
}

/** The part of a picture that is placed, in its pixels. */
export function partAround(face: Box, { width, height }: Size): Box {
  const left = Math.max(0, face.x - AROUND.sides * face.width);
  const top = Math.max(0, face.y - AROUND.above * face.height);
  const right = Math.min(width, face.x + (1 + AROUND.sides) * face.width);
  const bottom = Math.min(height, face.y + (1 + AROUND.below) * face.height);
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** Adds the sample at `from` (bilinear) to a pixel, by the opacity that the part has there. */
function blend(canvas: Picture, to: number, { width, height, rgb }: Picture, from: Point, part: Box): void {
  const opacity = opacityAt(from, part);
  if (opacity <= 0) return;
  const [x, y] = [clamp(from.x - 0.5, width - 1), clamp(from.y - 0.5, height - 1)];
  const [column, row] = [Math.floor(x), Math.floor(y)];
  const [right, below] = [x - column, y - row];
  const nextColumn = Math.min(width - 1, column + 1);
  const nextRow = Math.min(height - 1, row + 1);
  for (let channel = 0; channel < 3; channel++) {
    const sample = (c: number, r: number) => rgb[(r * width + c) * 3 + channel];
    const upper = sample(column, row) * (1 - right) + sample(nextColumn, row) * right;
    const lower = sample(column, nextRow) * (1 - right) + sample(nextColumn, nextRow) * right;
    const value = upper * (1 - below) + lower * below;
    canvas.rgb[to + channel] = Math.round(canvas.rgb[to + channel] * (1 - opacity) + value * opacity);
  }
}

/** 1 inside a rounded rectangle, falling to 0 at its edge. */
function opacityAt({ x, y }: Point, part: Box): number {
  const dx = Math.abs(2 * (x - part.x) / part.width - 1);
  const dy = Math.abs(2 * (y - part.y) / part.height - 1);
  return Math.min(1, Math.max(0, (1 - (dx ** 4 + dy ** 4) ** 0.25) / FADE));
}

/** The upright box around a tilted face. */
function upright({ width, height }: Box, centre: Point, sin: number, cos: number): Box {
  const [w, h] = [width * cos + height * sin, height * cos + width * sin];
  return { x: centre.x - w / 2, y: centre.y - h / 2, width: w, height: h };
}

function clamp(value: number, most: number): number {
  return Math.min(most, Math.max(0, value));
}
