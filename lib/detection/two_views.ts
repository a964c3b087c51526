/**
 * Where a face of one stream of a camera is in another stream. A sub stream shows the same as the main stream, or less:
 *
 *     whole     the same view. Where the aspect ratios differ, it is squeezed: 704x576 of 1920x1080
 *     cropped   the centre of it, as large as fits: 640x480 of 1920x1080 lacks the left and right eighth
 *
 * Both are tried where the aspect ratios differ. The streams are not of exactly the same time: the face is searched for
 * again around its place, as far away as a person moves in that time, and must have about the size and the same looks.
 */
import { distance, sizeRatio } from "../image/boxes.ts";
import type { Box, Size } from "../image/frame.ts";
import type { Detection } from "./engine.ts";
import type { Looks } from "./looks.ts";
import { pairCost, reach } from "./pair_cost.ts";
import { difference } from "./same_looks.ts";

export type View = "whole" | "cropped";

/** Aspect ratios that differ less are the same: encoders round sizes, such as 1080 to 1088. */
const SAME_ASPECT = 0.03;
/** The streams of a camera are apart by up to about this time. */
const SKEW_MS = 150;
/** Maximum ratio of a face's size to the expected one. */
const MAX_RATIO = 1.6;

/** The views that a picture of size `from` may have of one of size `to`. */
export function viewsOf(from: Size, to: Size): readonly View[] {
  const ratio = (from.width * to.height) / (from.height * to.width);
  return Math.abs(ratio - 1) <= SAME_ASPECT ? ["whole"] : ["whole", "cropped"];
}

/** The place of a box of a picture of size `from` in one of size `to`. */
export function placeIn(view: View, box: Box, from: Size, to: Size): Box {
  const [across, down] = [to.width / from.width, to.height / from.height];
  const [scaleX, scaleY] = view === "whole"
    ? [across, down]
    : [Math.min(across, down), Math.min(across, down)];
  return {
    x: (to.width - from.width * scaleX) / 2 + box.x * scaleX,
    y: (to.height - from.height * scaleY) / 2 + box.y * scaleY,
    width: box.width * scaleX,
    height: box.height * scaleY,
  };
}

/** The longest time that may have passed between two pictures whose times differ by this. */
function maxPassedMs(apartMs: number): number {
  return Math.abs(apartMs) + SKEW_MS;
}

/** The search region of a face: its place and the maximum distance around it, in whole pixels inside the frame. */
export function regionAround(place: Box, apartMs: number, { width, height }: Size): Box | undefined {
  const more = reach(maxPassedMs(apartMs));
  const left = Math.max(0, Math.floor(place.x - more * place.width));
  const top = Math.max(0, Math.floor(place.y - more * place.height));
  const right = Math.min(width, Math.ceil(place.x + (1 + more) * place.width));
  const bottom = Math.min(height, Math.ceil(place.y + (1 + more) * place.height));
  return right > left && bottom > top
    ? { x: left, y: top, width: right - left, height: bottom - top }
    : undefined;
}

/** The detection that may be the face and fits best; undefined when none may be. */
export function bestMatch(
  found: readonly Detection[],
  { place, apartMs, looks, looksOf }: {
    readonly place: Box;
    readonly apartMs: number;
    readonly looks: Looks;
    readonly looksOf: (detection: Detection) => Looks;
  },
): Detection | undefined {
  return found.flatMap((detection) => {
    const cost = pairCost({
      ratio: sizeRatio(place, detection),
      maxRatio: MAX_RATIO,
      apart: distance(place, detection),
      maxApart: reach(maxPassedMs(apartMs)),
      difference: () => difference(looks, looksOf(detection)),
    });
    return cost === undefined ? [] : [{ detection, cost }];
  }).sort((a, b) => a.cost - b.cost)[0]?.detection;
}
