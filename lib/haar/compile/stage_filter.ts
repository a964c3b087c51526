/**
 * The 16-bit filter: a cascade's stages in 16-bit integers. Every rounding errs to one side:
 * - `lenient`: the filter accepts every window that OpenCV accepts, and a few more, which the exact evaluation rejects;
 * - `strict`: the filter accepts only windows that OpenCV accepts. The first stage is compiled both ways.
 *
 * A stage accepts a window if the leaves add up to its threshold. Equivalently: start from (sum of better leaves -
 * threshold) and subtract |better - worse| for each stump that takes its worse leaf; reject below 0.
 *
 * A stump compares value < threshold * sigma, where sigma = standard deviation * area. The kernel keeps sigma / unit as
 * an i16 `s` (unit 2 for windows of 24x24) and computes (q * s) >> 15, rounded, where q = threshold * unit * 2^15.
 */
import type { Cascade, FeatureRect, Stage, Stump } from "../cascade/cascade.ts";
import {
  cellCorners,
  cellsOf,
  type Corner,
  largestValue,
  type WeightedCorner,
  weightedCorners,
} from "./corners.ts";
import { isSpreadExact, minSpread, sigmaUnit, varianceArea } from "./variance_table.ts";

const MAX_INT16 = 32767;
/** Maximum start value of a stage: rounding up must not exceed an i16. */
const MAX_START = 32000;
/** Generous bound for the f32 rounding errors of OpenCV's own comparison, in units of the value. */
const FLOAT_SLACK = 0.02;

/** To which side the filter errs. */
export type Rounding = "lenient" | "strict";

/**
 * The shapes of features, by the weights of their corners. Corners of adjacent rectangles coincide. `isAbove`: the
 * worse leaf is taken above the threshold instead of below it.
 *
 *     0 two halves   1 middle in a whole   2, 3 two quarters on a diagonal, either sign
 *     +-----+-----+  +----+-----+----+     +-----+-----+
 *     |  +  |  -  |  | -  |  +  | -  |     |  +  |  -  |
 *     +-----+-----+  +----+-----+----+     +-----+-----+
 *                                          |  -  |  +  |
 *                                          +-----+-----+
 *
 * 4 is for values that may exceed 16 bits: half of each of two cells less half of each of two others (cellCorners()).
 */
export const SHAPES = [
  { weights: [2, -2, 1, 1, -1, -1], isAbove: false },
  { weights: [3, 3, -3, -3, 1, 1, -1, -1], isAbove: false },
  { weights: [4, -2, -2, -2, -2, 1, 1, 1, 1], isAbove: false },
  { weights: [4, -2, -2, -2, -2, 1, 1, 1, 1], isAbove: true },
  { weights: [1, -1, -1, 1, 1, -1, -1, 1, -1, 1, 1, -1, -1, 1, 1, -1], isAbove: false },
] as const;

/** The last of {@link SHAPES}. */
export const HALVED = SHAPES.length - 1;

/** A feature as the filter computes it. */
interface FilterFeature {
  /** Index in {@link SHAPES}. */
  readonly shape: number;
  /** In the order of the shape's weights. */
  readonly corners: readonly Corner[];
}

/** A stump in 16 bits. */
export interface FilterStump extends FilterFeature {
  /** q above: in 32768ths of a sigma unit. */
  readonly threshold: number;
  /** Subtracted if the value is below the threshold; above it for shapes with `isAbove`. */
  readonly penalty: number;
}

/** A stage in 16 bits. */
export interface FilterStage {
  readonly rounding: Rounding;
  /** Value that a window starts with; it is rejected below 0. */
  readonly start: number;
  readonly stumps: readonly FilterStump[];
}

/** A stump whose feature fits in 16 bits, before rounding. */
interface ExactStump extends FilterFeature {
  /** In units of sigma, with the sign of the comparison. */
  readonly threshold: number;
  /** |better leaf - worse leaf|. */
  readonly penalty: number;
}

/** How the kernel measures sigma. */
interface Sigma {
  readonly unit: number;
  /** Smallest sigma of a window that is not flat, in units. */
  readonly min: number;
  /** Maximum error, in units. */
  readonly error: number;
}

/**
 * The root and its scaling are rounded four times in f32. An exact spread loses up to 1 when it is halved. An estimated
 * one, above 1.8e9, is rounded three times (kernel/variance.ts).
 */
function sigmaOf(cascade: Cascade): Sigma {
  const unit = sigmaUnit(cascade);
  const area = varianceArea(cascade);
  const isExact = isSpreadExact(area);
  const spreadError = isExact ? 1 : 3 * (255 * area) ** 2 / 2 ** 24;
  const minRoot = Math.sqrt(isExact ? minSpread(area) : 1.8e9);
  const rootError = spreadError / (2 * minRoot) + 4 * 127.5 * area / 2 ** 24;
  return { unit, min: Math.floor(Math.sqrt(minSpread(area)) / unit) - 1, error: 0.5 + rootError / unit };
}

/** Compiles one stage of a cascade. */
export function filterStage(cascade: Cascade, index: number, rounding: Rounding): FilterStage {
  const stage = cascade.stages[index];
  const stumps = stage.stumps.map(exactStump).filter((stump) => stump !== undefined);
  return roundedStage(stage, stumps, sigmaOf(cascade), rounding);
}

const sumOf = (numbers: readonly number[]) => numbers.reduce((sum, number) => sum + number, 0);

function roundedStage(
  { stumps, threshold }: Stage,
  exact: readonly ExactStump[],
  sigma: Sigma,
  rounding: Rounding,
): FilterStage {
  const margin = sumOf(stumps.map(({ below, notBelow }) => Math.max(below, notBelow))) - threshold;
  const unit = margin > 0 ? MAX_START / margin : 0;
  const fitting = exact.map((stump) => ({ stump, rounded: roundedStump(stump, unit, sigma, rounding) }))
    .filter(({ rounded }) => Math.abs(rounded.threshold) <= MAX_INT16);
  // A stump that does not fit in 16 bits never takes its worse leaf when lenient, and always does when strict.
  const omitted = sumOf(stumps.map(penaltyOf)) - sumOf(fitting.map(({ stump }) => stump.penalty));
  const start = rounding === "lenient"
    ? Math.ceil(margin * unit) + 1
    : Math.floor((margin - omitted) * unit) - 1;
  return {
    rounding,
    start: margin < 0 ? -1 : Math.max(start, -1),
    stumps: fitting.map(({ rounded }) => rounded),
  };
}

function roundedStump(stump: ExactStump, unit: number, sigma: Sigma, rounding: Rounding): FilterStump {
  const { shape, corners } = stump;
  const { isAbove } = SHAPES[shape];
  const isHalved = shape === HALVED;
  const isLenient = rounding === "lenient";
  // Errors: rounding of sigma, of the product, of OpenCV's floats; halving four rectangles loses up to one more. Values
  // are whole and the comparison (below when lenient, not above when strict) tolerates one unit of error.
  const error = sigma.error * sigma.unit * Math.abs(stump.threshold) + 0.5 + FLOAT_SLACK + (isHalved ? 1 : 0);
  const slack = Math.ceil(Math.max(error - 1, 0) * 32768 / sigma.min);
  const scaled = stump.threshold * (isHalved ? sigma.unit / 2 : sigma.unit) * 32768;
  const threshold = isLenient !== isAbove ? Math.floor(scaled) - slack : Math.ceil(scaled) + slack;
  const penalty = isLenient ? Math.floor(stump.penalty * unit) : Math.ceil(stump.penalty * unit) + 1;
  return { shape, corners, threshold, penalty: Math.min(penalty, MAX_INT16) };
}

const penaltyOf = ({ below, notBelow }: Stump) => Math.abs(below - notBelow);

/** Returns undefined for a stump whose leaves are equal, or whose feature does not fit in 16 bits. */
function exactStump(stump: Stump): ExactStump | undefined {
  const { rects, threshold, below, notBelow } = stump;
  const penalty = penaltyOf(stump);
  if (penalty === 0) return;
  // The worse leaf is taken if sign * value < sign * threshold * sigma.
  const sign = below < notBelow ? 1 : -1;
  if (largestValue(rects) <= MAX_INT16) return wholeStump(rects, sign, threshold, penalty);
  const cells = cellsOf(rects);
  const range = largestValue(cells);
  if (range <= MAX_INT16) return wholeStump(rects, sign, threshold, penalty);
  if (range > 2 * MAX_INT16) return;
  const corners = cellCorners(cells, sign);
  return corners && { shape: HALVED, corners, threshold: sign * threshold, penalty };
}

function wholeStump(
  rects: readonly FeatureRect[],
  sign: number,
  threshold: number,
  penalty: number,
): ExactStump | undefined {
  const weighted = weightedCorners(rects);
  for (let shape = 0; shape < HALVED; shape++) {
    const { weights, isAbove } = SHAPES[shape];
    if (weights.length !== weighted.length) continue;
    const turn = isAbove ? -sign : sign;
    const corners = inOrder(weighted, weights, turn);
    if (corners) return { shape, corners, threshold: turn * threshold, penalty };
  }
}

/**
 * The corners in the order of a shape's weights, `turn` (1 or -1) times theirs; undefined if they have another shape.
 */
function inOrder(
  weighted: readonly WeightedCorner[],
  weights: readonly number[],
  turn: number,
): Corner[] | undefined {
  let taken = 0;
  const corners: Corner[] = [];
  for (const weight of weights) {
    const index = weighted.findIndex((corner, index) =>
      (taken >> index & 1) === 0 && turn * corner.weight === weight
    );
    if (index < 0) return;
    taken |= 1 << index;
    const { x, y } = weighted[index];
    corners.push({ x, y });
  }
  return corners;
}
