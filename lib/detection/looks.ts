/**
 * Looks: what tells apart people who follow one another. They are the colours of the clothes and of the head with its
 * hair, relative to the mean colour of the frame, so that a change of light changes them little. They say what somebody
 * wears now, and recognise nobody. They are held in memory while a visit lasts, and are neither stored nor sent.
 *
 *     a colour r, g, b of a cell, and the mean colour R, G, B of its frame; 12 is added to each of the six:
 *     L = log2(luma(r, g, b) / luma(R, G, B))      -3 .. 2.5, 8 bins
 *     U = log2(r / g) - log2(R / G)              -1.2 .. 1.2, 6 bins
 *     V = log2(b / g) - log2(B / G)              -1.2 .. 1.2, 6 bins
 */
import { cellBrightness, cellColours, insideFrame, meanColour } from "../image/cells.ts";
import type { Box, Frame } from "../image/frame.ts";
import type { Detection } from "./engine.ts";

/** The looks of one detection. */
export interface Looks {
  /** Shares of the head's colours in BINS bins; their sum is 1. */
  readonly head: Float32Array;
  /** The same of the clothes; absent when too little of them is inside the frame. */
  readonly clothes?: Float32Array;
  /** Brightness of the face in FACE_CELLS x FACE_CELLS cells, with mean 0 and length 1. Compared where colours lack. */
  readonly face: Float32Array;
  /** Whether the picture has colours: false for gray and infrared cameras. */
  readonly hasColour: boolean;
}

/** Cells of a region in each direction, and of the face. */
const CELLS = 16;
const FACE_CELLS = 8;

/** Bins of L, U and V, and the first and last value of each. */
const [BINS_L, BINS_U, BINS_V] = [8, 6, 6];
export const BINS = BINS_L * BINS_U * BINS_V;
const [FROM_L, TO_L] = [-3, 2.5];
const [FROM_UV, TO_UV] = [-1.2, 1.2];
/** Added to every value, so that the noise of dark pixels changes their logarithm little. */
const LIFT = 12;
/** log2(value + LIFT) for values of 0 to 255 in steps of 1 / LOG_STEPS. */
const LOG_STEPS = 8;
const LOG = Float32Array.from({ length: 255 * LOG_STEPS + 1 }, (_, at) => Math.log2(at / LOG_STEPS + LIFT));

/** Parts of the head's square, as shares of its side from its upper left corner. */
const HEAD = { x: 0.22, y: -0.15, width: 0.56, height: 1.05 };
const CLOTHES = { x: -0.2, y: 1.3, width: 1.4, height: 0.8 };
/** Clothes of which a smaller share is inside the frame are not compared. */
const MIN_CLOTHES = 0.15;
/** A picture whose U and V differ less from the frame's, on average over the head and the clothes, has no colours. */
const MIN_COLOUR = 0.04;

/** A network's box fits the face; the cascade's square is larger and lies higher, in shares of its own size. */
const SQUARE_SIDE = 1.08;
const SQUARE_UP = 0.013;

/** Describes the detections of one frame. The mean colour of the frame is computed once. */
export function looksIn(frame: Frame): (detection: Detection) => Looks {
  let reference: Reference | undefined;
  return (detection) => looksOf(frame, squareOf(detection), reference ??= referenceOf(frame));
}

/** The square that the Haar cascade draws around a face, also for a network's box. */
export function squareOf({ x, y, width, height, landmarks }: Detection): Box {
  if (!landmarks) return { x, y, width, height };
  const side = SQUARE_SIDE * (width + height) / 2;
  const [middleX, middleY] = [x + width / 2, y + height / 2 - SQUARE_UP * side];
  return { x: middleX - side / 2, y: middleY - side / 2, width: side, height: side };
}

/** The logarithms of a frame's mean colour. */
interface Reference {
  readonly luma: number;
  readonly redToGreen: number;
  readonly blueToGreen: number;
}

function referenceOf(frame: Frame): Reference {
  const [red, green, blue] = meanColour(frame);
  return {
    luma: logOf(lumaOf(red, green, blue)),
    redToGreen: logOf(red) - logOf(green),
    blueToGreen: logOf(blue) - logOf(green),
  };
}

function looksOf(frame: Frame, square: Box, reference: Reference): Looks {
  const head = describe(frame, part(square, HEAD), reference);
  const clothesAt = part(square, CLOTHES);
  const clothes = shareInside(clothesAt, frame) >= MIN_CLOTHES
    ? describe(frame, clothesAt, reference)
    : undefined;
  const face = normalised(cellBrightness(frame, insideFrame(square, frame), FACE_CELLS, FACE_CELLS));
  const hasColour = Math.max(head.colour, clothes?.colour ?? 0) >= MIN_COLOUR;
  return { head: head.shares, face, hasColour, ...clothes && { clothes: clothes.shares } };
}

function part({ x, y, width, height }: Box, of: Box): Box {
  return {
    x: x + of.x * width,
    y: y + of.y * height,
    width: of.width * width,
    height: of.height * height,
  };
}

function shareInside({ x, y, width, height }: Box, frame: Frame): number {
  const across = Math.min(frame.width, x + width) - Math.max(0, x);
  const down = Math.min(frame.height, y + height) - Math.max(0, y);
  return Math.max(0, across) * Math.max(0, down) / (width * height);
}

/** The shares of a region's colours, and the mean of |U| + |V|. */
function describe(frame: Frame, region: Box, reference: Reference): { shares: Float32Array; colour: number } {
  const colours = cellColours(frame, region, CELLS, CELLS);
  const shares = new Float32Array(BINS);
  const weight = 3 / Math.max(3, colours.length);
  let colour = 0;
  for (let at = 0; at < colours.length; at += 3) {
    const [red, green, blue] = [colours[at], colours[at + 1], colours[at + 2]];
    const ofGreen = logOf(green);
    const u = logOf(red) - ofGreen - reference.redToGreen;
    const v = logOf(blue) - ofGreen - reference.blueToGreen;
    colour += (Math.abs(u) + Math.abs(v)) * weight;
    addShared(shares, weight, logOf(lumaOf(red, green, blue)) - reference.luma, u, v);
  }
  return { shares, colour };
}

/** Adds a colour, shared linearly between the eight nearest bins: a small change of it moves a small share. */
function addShared(shares: Float32Array, weight: number, l: number, u: number, v: number): void {
  const atL = place(l, FROM_L, TO_L, BINS_L);
  const atU = place(u, FROM_UV, TO_UV, BINS_U);
  const atV = place(v, FROM_UV, TO_UV, BINS_V);
  const [lowL, lowU, lowV] = [lower(atL, BINS_L), lower(atU, BINS_U), lower(atV, BINS_V)];
  const [restL, restU, restV] = [atL - lowL, atU - lowU, atV - lowV];
  for (let stepL = 0; stepL < 2; stepL++) {
    const shareL = weight * (stepL ? restL : 1 - restL);
    for (let stepU = 0; stepU < 2; stepU++) {
      const shareU = shareL * (stepU ? restU : 1 - restU);
      const bin = ((lowL + stepL) * BINS_U + lowU + stepU) * BINS_V + lowV;
      shares[bin] += shareU * (1 - restV);
      shares[bin + 1] += shareU * restV;
    }
  }
}

/** The position of a value between the first bin (0) and the last one (`bins` - 1). */
function place(value: number, from: number, to: number, bins: number): number {
  return Math.max(0, Math.min(1, (value - from) / (to - from))) * (bins - 1);
}

function lower(at: number, bins: number): number {
  return Math.min(bins - 2, Math.floor(at));
}

function lumaOf(red: number, green: number, blue: number): number {
  return 0.3 * red + 0.6 * green + 0.1 * blue;
}

function logOf(value: number): number {
  return LOG[Math.round(value * LOG_STEPS)];
}

/** The values minus their mean, divided by their length; all 0 when they are all the same. */
function normalised(values: Float32Array): Float32Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const length = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0));
  return values.map((value) => length > 0 ? (value - mean) / length : 0);
}
