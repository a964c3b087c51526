/** Compares two searches of one frame. */
import { overlap } from "../image/boxes.ts";
import type { Box } from "../image/frame.ts";

/** Boxes with at least this overlap, found by two searches of one frame, are the same face. */
const SAME_FACE = 0.3;

/** The faces of a further search that are not known yet. */
export function newFaces<Face extends Box>(found: readonly Face[], known: readonly Box[]): Face[] {
  return found.filter((box) => !known.some((other) => overlap(other, box) >= SAME_FACE));
}
