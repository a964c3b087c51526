/**
 * Step 8: from overlapping windows to faces. OpenCV's groupRectangles and clipObjects (cascadedetect.cpp), with the
 * same roundings.
 */
import type { Box } from "../../image/frame.ts";
import { roundHalfEven } from "./rounding.ts";

/** Maximum distance of the edges of similar boxes, as a share of their size (GROUP_EPS in OpenCV). */
const TOLERANCE = 0.2;

/** A window that the cascade accepts. */
export interface Candidate extends Box {
  /** The cascade's score, OpenCV's level weight: the sum of the last stage's leaves. */
  readonly weight: number;
}

/** A face: the average of similar windows that the cascade accepts, with their largest weight. */
export interface Detection extends Candidate {
  /** Number of windows. */
  readonly neighbors: number;
}

/**
 * Groups similar windows and returns the groups of more than `minNeighbors` windows, clipped to the frame. If
 * `minNeighbors` is 0, every window is a face.
 * @param candidates of all levels, in the order of the search
 */
export function groupCandidates(
  candidates: readonly Candidate[],
  minNeighbors: number,
  frame: { readonly width: number; readonly height: number },
): Detection[] {
  if (minNeighbors <= 0) return clip(candidates.map((candidate) => ({ ...candidate, neighbors: 1 })), frame);
  const groups = averages(candidates).filter(({ neighbors }) => neighbors > minNeighbors);
  return clip(
    groups.filter((group) => !groups.some((other) => other !== group && isInside(group, other))),
    frame,
  );
}

/** Clips boxes to the frame and omits boxes outside it. */
export function clip<B extends Box>(
  boxes: readonly B[],
  { width, height }: { readonly width: number; readonly height: number },
): B[] {
  return boxes.map((box) => {
    const x = Math.max(box.x, 0);
    const y = Math.max(box.y, 0);
    return {
      ...box,
      x,
      y,
      width: Math.min(box.x + box.width, width) - x,
      height: Math.min(box.y + box.height, height) - y,
    };
  }).filter((box) => box.width > 0 && box.height > 0);
}

/** The groups of similar boxes in the order of their first members. */
function averages(boxes: readonly Candidate[]): Detection[] {
  const leaders = partition(boxes);
  const sums = new Map<number, { -readonly [key in keyof Detection]: number }>();
  boxes.forEach((box, index) => {
    const leader = leaders[index];
    const sum = sums.get(leader) ?? { x: 0, y: 0, width: 0, height: 0, neighbors: 0, weight: -Infinity };
    sum.x += box.x;
    sum.y += box.y;
    sum.width += box.width;
    sum.height += box.height;
    sum.neighbors++;
    sum.weight = Math.max(sum.weight, box.weight);
    sums.set(leader, sum);
  });
  return Array.from(sums.values(), ({ x, y, width, height, neighbors, weight }) => {
    const share = Math.fround(1 / neighbors);
    const mean = (sum: number) => roundHalfEven(Math.fround(Math.fround(sum) * share));
    return { x: mean(x), y: mean(y), width: mean(width), height: mean(height), neighbors, weight };
  });
}

/** For each box the smallest index in its group: the boxes that are similar to it, directly or through others. */
function partition(boxes: readonly Box[]): Int32Array {
  const parents = Int32Array.from(boxes, (_, index) => index);
  const leaderOf = (index: number) => {
    while (parents[index] !== index) index = parents[index] = parents[parents[index]];
    return index;
  };
  for (let i = 1; i < boxes.length; i++) {
    for (let j = 0; j < i; j++) {
      if (!similar(boxes[i], boxes[j])) continue;
      const [a, b] = [leaderOf(i), leaderOf(j)];
      parents[Math.max(a, b)] = Math.min(a, b);
    }
  }
  return parents.map((_, index) => leaderOf(index));
}

function similar(a: Box, b: Box): boolean {
  const delta = TOLERANCE * (Math.min(a.width, b.width) + Math.min(a.height, b.height)) * 0.5;
  return Math.abs(a.x - b.x) <= delta && Math.abs(a.y - b.y) <= delta &&
    Math.abs(a.x + a.width - b.x - b.width) <= delta &&
    Math.abs(a.y + a.height - b.y - b.height) <= delta;
}

/** Whether a group lies inside another that has more windows. */
function isInside(box: Detection, outer: Detection): boolean {
  const dx = roundHalfEven(outer.width * TOLERANCE);
  const dy = roundHalfEven(outer.height * TOLERANCE);
  return box.x >= outer.x - dx && box.y >= outer.y - dy &&
    box.x + box.width <= outer.x + outer.width + dx &&
    box.y + box.height <= outer.y + outer.height + dy &&
    (outer.neighbors > Math.max(3, box.neighbors) || box.neighbors < 3);
}
