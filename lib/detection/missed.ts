/** Why the search of a frame did not report a face that a second look found. */
import { liesIn } from "../image/boxes.ts";
import type { Area, Box } from "../image/frame.ts";
import type { Detection } from "./engine.ts";
import { newFaces } from "./new_faces.ts";
import type { Reason } from "./outcome.ts";

/** What the search of the detector is limited to. */
export interface SearchLimits {
  /** Minimum side of a face, pixels. */
  readonly minSize: number;
  /** Maximum side of a face, pixels; 0: none. */
  readonly maxSize: number;
  /** With a network: minimum score. */
  readonly minScore?: number;
  /** With a cascade: a face has more windows than this. */
  readonly minNeighbors?: number;
}

/** A face with the reason why it was not reported. */
export interface MissedFace {
  readonly box: Detection;
  readonly reason: Reason;
}

/** The faces of a second look that the search did not report, each with its reason. */
export function missedFaces(
  second: readonly Detection[],
  reported: readonly Box[],
  { area, limits, filter }: {
    /** What was searched. */
    readonly area: Area;
    readonly limits: SearchLimits;
    /** The filter that a detection does not pass. */
    readonly filter: (box: Detection) => Reason | undefined;
  },
): MissedFace[] {
  return newFaces(second, reported)
    .map((box) => ({ box, reason: beyond(box, limits) ?? filter(box) ?? notIn(area, box) }));
}

function beyond(box: Detection, limits: SearchLimits): Reason | undefined {
  const { width, height } = box;
  const { minSize, maxSize } = limits;
  if (Math.min(width, height) < minSize) return "too_small";
  if (maxSize > 0 && Math.max(width, height) > maxSize) return "too_large";
  return isCertain(box, limits) ? undefined : "low_score";
}

/** Whether the search of the detector accepts a face of this score, or with this number of windows. */
export function isCertain(
  { score = 1, neighbors = Infinity }: Detection,
  { minScore = 0, minNeighbors = -1 }: SearchLimits,
): boolean {
  return score >= minScore && neighbors > minNeighbors;
}

/** A face within the searched area has just missed it: with the other settings, more of its windows are accepted. */
function notIn(area: Area, box: Box): Reason {
  const isInside = area === "all" || area.some((region) => liesIn(box, region));
  return isInside ? "low_score" : "unsearched";
}
