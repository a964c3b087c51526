/**
 * A cascade's stages in 16 bits, every rounding to the side on which no window is lost (`mild`) or, for a second
 * opinion on the first stage, none is let in (`strict`). What passes the mild filter is judged exactly afterwards.
 *
 * A stage accepts when the leaves add up to its threshold. Said the other way round: it starts with what the better
 * leaves would add up to beyond the threshold, and each stump that takes its worse leaf costs the difference.
 * A stump asks value < threshold * sigma, with sigma = standard deviation times area; the kernel has half of sigma as
 * an i16 `s`, and computes (q * s) >> 15, rounded, for q = threshold * 2^16.
 */
import type { Cascade, FeatureRect, Stage, Stump } from "./cascade.ts";
import { inSharingOrder } from "./corner_sharing.ts";
import { type Corner, weightedCorners } from "./corners.ts";
import { leastSpread, normArea } from "./exact_table.ts";

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
 */
export const SHAPES = [
  { weights: [2, -2, 1, 1, -1, -1], above: false },
  { weights: [3, 3, -3, -3, 1, 1, -1, -1], above: false },
  { weights: [4, -2, -2, -2, -2, 1, 1, 1, 1], above: false },
  { weights: [4, -2, -2, -2, -2, 1, 1, 1, 1], above: true },
] as const;

/** A feature as the filter asks for it. */
export interface FilterFeature {
  /** Index in {@link SHAPES}. */
  readonly shape: number;
  /** In the order of the shape's weights. */
  readonly corners: readonly Corner[];
  /** Whether the value may not fit in 16 bits, so that halved sums are taken. */
  readonly halved: boolean;
}

/** What a stump is to the filter. */
export interface FilterStump extends FilterFeature {
  /** Times half of sigma, in 32768ths. */
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

/** A cascade as the filter has it: what a stage rejects mildly is rejected, what it passes strictly is accepted. */
export type CascadeFilter = Readonly<Record<Rounding, readonly FilterStage[]>>;

/** A stump whose feature fits in 16 bits, before rounding. */
interface AskingStump extends FilterFeature {
  /** In units of sigma, with the sign of the comparison. */
  readonly asked: number;
  /** The difference between its leaves. */
  readonly cost: number;
}

/** Turns a cascade into 16 bits. */
export function filterOf(cascade: Cascade): CascadeFilter {
  const leastSigma = Math.floor(Math.sqrt(leastSpread(normArea(cascade))) / 2) - 1;
  const both = cascade.stages.map((stage) => {
    const asking = inSharingOrder(stage.stumps.map(askingStump).filter((stump) => stump !== undefined));
    return (["mild", "strict"] as const).map((rounding) =>
      filterStageOf(stage, asking, leastSigma, rounding)
    );
  });
  return { mild: both.map(([mild]) => mild), strict: both.map(([, strict]) => strict) };
}

const costOf = ({ below, notBelow }: Stump) => Math.abs(below - notBelow);
const sumOf = (numbers: readonly number[]) => numbers.reduce((sum, number) => sum + number, 0);

function filterStageOf(
  { stumps, threshold }: Stage,
  asking: readonly AskingStump[],
  leastSigma: number,
  rounding: Rounding,
): FilterStage {
  const margin = sumOf(stumps.map(({ below, notBelow }) => Math.max(below, notBelow))) - threshold;
  const unit = margin > 0 ? LARGEST_START / margin : 0;
  const rounded = asking.map((stump) => ({ stump, ...roundedOf(stump, unit, leastSigma, rounding) }))
    .filter(({ threshold }) => Math.abs(threshold) <= MOST);
  // A stump that does not fit in 16 bits costs nothing to be mild, and always to be strict.
  const left = sumOf(stumps.map(costOf)) - sumOf(rounded.map(({ stump }) => stump.cost));
  const start = rounding === "mild" ? Math.ceil(margin * unit) + 1 : Math.floor((margin - left) * unit) - 1;
  return {
    rounding,
    start: margin < 0 ? -1 : Math.max(start, -1),
    stumps: rounded.map(({ stump, threshold, penalty }) => ({ ...stump, threshold, penalty })),
  };
}

function roundedOf(
  { asked, cost, shape, halved }: AskingStump,
  unit: number,
  leastSigma: number,
  rounding: Rounding,
) {
  const { weights, above } = SHAPES[shape];
  // Rounding of sigma, of the product, of OpenCV's floats; halved sums also lose up to a half at each corner. Values
  // are whole, and the comparison (below is mild, not above is strict) lets one unit of error pass.
  const lost = halved ? sumOf(weights.map(Math.abs)) / 4 : 0;
  const error = 1.05 * Math.abs(asked) + 0.5 + FLOAT_SLACK + lost;
  const slack = Math.ceil(Math.max(error - 1, 0) * 32768 / leastSigma);
  const exact = asked * (halved ? 1 : 2) * 32768;
  const lower = (rounding === "mild") !== above;
  const threshold = lower ? Math.floor(exact) - slack : Math.ceil(exact) + slack;
  const penalty = Math.min(rounding === "mild" ? Math.floor(cost * unit) : Math.ceil(cost * unit) + 1, MOST);
  return { threshold, penalty };
}

/** Nothing for a stump that does not matter or does not fit. */
function askingStump(stump: Stump): AskingStump | undefined {
  const cost = costOf(stump);
  // The worse leaf is paid when sign * value < sign * threshold * sigma.
  const sign = stump.below < stump.notBelow ? 1 : -1;
  const found = shapeOf(weightedCorners(stump.rects), sign);
  const range = largestValue(stump.rects);
  const whole = range <= MOST && Math.abs(stump.threshold) < 0.498;
  const halved = !whole && range <= 2 * MOST && Math.abs(stump.threshold) < 0.99;
  if (cost === 0 || !found || !(whole || halved)) return undefined;
  const asked = (SHAPES[found.shape].above ? -sign : sign) * stump.threshold;
  return { ...found, halved, asked, cost };
}

/** Which shape a feature has, and its corners in that shape's order. */
function shapeOf(
  weighted: readonly (Corner & { readonly weight: number })[],
  sign: number,
): { shape: number; corners: Corner[] } | undefined {
  for (const [shape, { weights, above }] of SHAPES.entries()) {
    const turn = above ? -sign : sign;
    if (weights.length !== weighted.length) continue;
    const left = [...weighted];
    const corners = weights.map((weight) => {
      const index = left.findIndex((corner) => turn * corner.weight === weight);
      return index < 0 ? undefined : left.splice(index, 1)[0];
    });
    if (corners.every((corner) => corner !== undefined)) return { shape, corners };
  }
}

/** Windows are no larger, see cascade.ts. */
const MAX_SIDE = 64;
const pixelWeights = new Int16Array(MAX_SIDE * MAX_SIDE);

/** The largest value, up or down, that any pixels can give a feature. */
function largestValue(rects: readonly FeatureRect[]): number {
  const end = MAX_SIDE * Math.max(...rects.map(({ y, height }) => y + height));
  pixelWeights.fill(0, 0, end);
  for (const { x, y, width, height, weight } of rects) {
    for (let row = y; row < y + height; row++) {
      for (let column = x; column < x + width; column++) pixelWeights[row * MAX_SIDE + column] += weight;
    }
  }
  let [up, down] = [0, 0];
  for (let pixel = 0; pixel < end; pixel++) {
    const weight = pixelWeights[pixel];
    if (weight > 0) up += weight;
    else down -= weight;
  }
  return 255 * Math.max(up, down);
}
