/** Whether two detections may be of one person, and how badly they fit together: by size, distance and looks. */

/** Maximum distance between two detections of one person, in sides of the box: at once, more per second, and at all. */
const [REACH, REACH_PER_SECOND, MAX_REACH] = [0.6, 6, 4];
/** The same for a person who has not been detected for a while: at once, with no maximum at all. */
const AWAY_REACH = 5;
/** Weights of looks, distance and size in the cost of a pair. */
const COST = { looks: 0.9, distance: 0.4, size: 0.3 };

/** What two detections differ by, each with its maximum. */
export interface Pair {
  /** The larger size divided by the smaller one. */
  readonly ratio: number;
  readonly maxRatio: number;
  /** Distance in sides of the boxes. */
  readonly apart: number;
  readonly maxApart: number;
  /** Difference of the looks, at most 1; asked for only where size and distance fit, since it takes longest. */
  readonly difference: () => number;
}

/** How badly two detections fit together; undefined when they cannot be of one person. */
export function pairCost({ ratio, maxRatio, apart, maxApart, difference }: Pair): number | undefined {
  if (ratio > maxRatio || apart > maxApart) return undefined;
  const differs = difference();
  if (differs > 1) return undefined;
  return COST.looks * differs + COST.distance * apart + COST.size * (ratio - 1);
}

/** Maximum distance of two detections of one person after this time, in sides of the box. */
export function reach(passedMs: number): number {
  return Math.min(MAX_REACH, REACH + REACH_PER_SECOND * passedMs / 1000);
}

/** Maximum distance to a person who has not been detected in the frames of this time. */
export function awayReach(passedMs: number): number {
  return AWAY_REACH + REACH_PER_SECOND * passedMs / 1000;
}
