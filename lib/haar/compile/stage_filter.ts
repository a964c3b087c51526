/**
 * A cascade's stages in 16 bits, every rounding to the side on which no window is lost (`mild`) or, for a second
 * opinion on the first stage, none is let in (`strict`). What passes the mild filter is judged exactly afterwards.
 *
 * A stage accepts when the leaves add up to its threshold. Said the other way round: it starts with what the better
 * leaves would add up to beyond the threshold, and each stump that takes its worse leaf costs the difference.
 * A stump asks value < threshold * sigma, with sigma = standard deviation times area; the kernel has sigma / unit as
 * an i16 `s`, the unit being 2 for windows of 24x24, and computes (q * s) >> 15, rounded, for q = threshold * unit * 2^15.
 */
import type { Cascade, FeatureRect, Stage, Stump } from "../cascade/cascade.ts";
import { cellCorners, cellsOf, largestValue } from "./cells.ts";
import { type Corner, type WeightedCorner, weightedCorners } from "./corners.ts";
import { isSpreadWhole, leastSpread, normArea, sigmaUnit } from "./exact_table.ts";

const MOST = 32767;
/** What a stage may start with, so that rounding up stays below 2^15. */
const LARGEST_START = 32000;
/** Errors of single precision in OpenCV's own comparison, in units of the value; generous. */
const FLOAT_SLACK = 0.02;

/** Which side to be on the safe side of. */
export type Rounding = "mild" | "strict";

/**
 * The shapes of features. The corners of a feature's rectangles fall together, so that three remain, told apart by the
 * weights of their corners: two halves; a middle in a whole; two quarters on a diagonal, once with either sign.
 * The last one is for values that may not fit in 16 bits: half of two rectangles less half of two others (cells.ts).
 */
export const SHAPES = [
  { weights: [2, -2, 1, 1, -1, -1], above: false },
  { weights: [3, 3, -3, -3, 1, 1, -1, -1], above: false },
  { weights: [4, -2, -2, -2, -2, 1, 1, 1, 1], above: false },
  { weights: [4, -2, -2, -2, -2, 1, 1, 1, 1], above: true },
  { weights: [1, -1, -1, 1, 1, -1, -1, 1, -1, 1, 1, -1, -1, 1, 1, -1], above: false },
] as const;

/** The last of {@link SHAPES}. */
export const HALVED = SHAPES.length - 1;

/** A feature as the filter asks for it. */
export interface FilterFeature {
  /** Index in {@link SHAPES}. */
  readonly shape: number;
  /** In the order of the shape's weights. */
  readonly corners: readonly Corner[];
}

/** What a stump is to the filter. */
export interface FilterStump extends FilterFeature {
  /** Times sigma / unit, in 32768ths. */
  readonly threshold: number;
  /** What it costs a window whose value is below the threshold (above it, for shapes that say so). */
  readonly penalty: number;
}

/** What a stage is to the filter. */
export interface FilterStage {
  readonly rounding: Rounding;
  /** What a window starts with; it is rejected below 0. */
  readonly start: number;
  readonly stumps: readonly FilterStump[];
}

/** A stump whose feature fits in 16 bits, before rounding. */
interface AskingStump extends FilterFeature {
  /** In units of sigma, with the sign of the comparison. */
  readonly asked: number;
  /** The difference between its leaves. */
  readonly cost: number;
}

/** How the kernel measures sigma. */
interface Sigma {
  readonly unit: number;
  /** Of a window that is not flat, in that unit. */
  readonly least: number;
  /** How far it may be off, in that unit. */
  readonly error: number;
}

/**
 * What is kept of a root is rounded four times in single precision. The spread itself loses one when it is halved, or,
 * where it is not exact and above 1.8e9, was rounded three times: see kernel/variance.ts.
 */
function sigmaOf(cascade: Cascade): Sigma {
  const unit = sigmaUnit(cascade);
  const area = normArea(cascade);
  const spreadError = isSpreadWhole(area) ? 1 : 3 * (255 * area) ** 2 / 2 ** 24;
  const leastRoot = Math.sqrt(isSpreadWhole(area) ? leastSpread(area) : 1.8e9);
  const rootError = spreadError / (2 * leastRoot) + 4 * 127.5 * area / 2 ** 24;
  return { unit, least: Math.floor(Math.sqrt(leastSpread(area)) / unit) - 1, error: 0.5 + rootError / unit };
}

/** One stage of a cascade in 16 bits: what it rejects mildly is rejected, what it passes strictly is accepted. */
export function filterStage(cascade: Cascade, index: number, rounding: Rounding): FilterStage {
  const stage = cascade.stages[index];
  const asking = stage.stumps.map(askingStump).filter((stump) => stump !== undefined);
  return filterStageOf(stage, asking, sigmaOf(cascade), rounding);
}

const costOf = ({ below, notBelow }: Stump) => Math.abs(below - notBelow);
const sumOf = (numbers: readonly number[]) => numbers.reduce((sum, number) => sum + number, 0);

function filterStageOf(
  { stumps, threshold }: Stage,
  asking: readonly AskingStump[],
  sigma: Sigma,
  rounding: Rounding,
): FilterStage {
  const margin = sumOf(stumps.map(({ below, notBelow }) => Math.max(below, notBelow))) - threshold;
  const unit = margin > 0 ? LARGEST_START / margin : 0;
  const rounded = asking.map((stump) => ({ stump, ...roundedOf(stump, unit, sigma, rounding) }))
    .filter(({ threshold }) => Math.abs(threshold) <= MOST);
  // A stump that does not fit in 16 bits costs nothing to be mild, and always to be strict.
  const left = sumOf(stumps.map(costOf)) - sumOf(rounded.map(({ stump }) => stump.cost));
  const start = rounding === "mild" ? Math.ceil(margin * unit) + 1 : Math.floor((margin - left) * unit) - 1;
  return {
    rounding,
    start: margin < 0 ? -1 : Math.max(start, -1),
    stumps: rounded.map(({ stump: { shape, corners }, threshold, penalty }) => (
      { shape, corners, threshold, penalty }
    )),
  };
}

function roundedOf(
  { asked, cost, shape }: AskingStump,
  unit: number,
  sigma: Sigma,
  rounding: Rounding,
) {
  const { above } = SHAPES[shape];
  const halved = shape === HALVED;
  // Rounding of sigma, of the product, of OpenCV's floats; halving four rectangles also loses up to one. Values are
  // whole, and the comparison (below is mild, not above is strict) lets one unit of error pass.
  const lost = halved ? 1 : 0;
  const error = sigma.error * sigma.unit * Math.abs(asked) + 0.5 + FLOAT_SLACK + lost;
  const slack = Math.ceil(Math.max(error - 1, 0) * 32768 / sigma.least);
  const exact = asked * (halved ? sigma.unit / 2 : sigma.unit) * 32768;
  const lower = (rounding === "mild") !== above;
  const threshold = lower ? Math.floor(exact) - slack : Math.ceil(exact) + slack;
  const penalty = Math.min(rounding === "mild" ? Math.floor(cost * unit) : Math.ceil(cost * unit) + 1, MOST);
  return { threshold, penalty };
}

/** Nothing for a stump that does not matter or does not fit. */
function askingStump({ rects, threshold, below, notBelow }: Stump): AskingStump | undefined {
  const cost = Math.abs(below - notBelow);
  if (cost === 0) return;
  // The worse leaf is paid when sign * value < sign * threshold * sigma.
  const sign = below < notBelow ? 1 : -1;
  if (largestValue(rects) <= MOST) return wholeStump(rects, sign, threshold, cost);
  const cells = cellsOf(rects);
  const range = largestValue(cells);
  if (range <= MOST) return wholeStump(rects, sign, threshold, cost);
  if (range > 2 * MOST) return;
  const corners = cellCorners(cells, sign);
  return corners && { shape: HALVED, corners, asked: sign * threshold, cost };
}

function wholeStump(rects: readonly FeatureRect[], sign: number, threshold: number, cost: number) {
  const weighted = weightedCorners(rects);
  for (let shape = 0; shape < HALVED; shape++) {
    const { weights, above } = SHAPES[shape];
    if (weights.length !== weighted.length) continue;
    const turn = above ? -sign : sign;
    const corners = inOrder(weighted, weights, turn);
    if (corners) return { shape, corners, asked: turn * threshold, cost };
  }
}

/** The corners, turned round or not, in the order of a shape's weights; nothing if they are not that shape. */
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
