/**
 * From the heads' numbers to faces, as OpenCV's FaceDetectorYN does it: cells whose score reaches the threshold become
 * boxes with landmarks, and of boxes that overlap the one with the best score is kept.
 */
import { overlap } from "../image/boxes.ts";
import type { Box, Point } from "../image/frame.ts";
import { HEAD } from "./network.ts";
import type { Head } from "./plan.ts";

/** A face. Box and points are in pixels and not rounded; they may reach beyond the frame. */
export interface YuNetFace extends Box {
  /** From 0 to 1. */
  readonly score: number;
  /** Right eye, left eye, tip of the nose, right and left mouth corner; right and left of the person. */
  readonly landmarks: readonly Point[];
}

/** Boxes that share more than this part of their union are one face. */
export const OVERLAP = 0.3;
/** Maximum number of boxes that are compared: those with the best scores. */
const MAX_CANDIDATES = 5000;

/** Faces of all heads, the best score first. */
export function facesOf(heads: readonly Head[], minScore: number): YuNetFace[] {
  return distinctFaces(heads.flatMap((head) => candidatesOf(head, minScore)));
}

/** Of faces that overlap the one with the best score; the best score first. */
export function distinctFaces(faces: readonly YuNetFace[]): YuNetFace[] {
  const best = faces.toSorted((a, b) => b.score - a.score);
  return suppressed(best.slice(0, MAX_CANDIDATES));
}

function candidatesOf(head: Head, minScore: number): YuNetFace[] {
  // The score is the square root of a product of two numbers below 1: both must reach its square.
  const least = minScore > 0 && minScore < 1
    ? Math.log(minScore ** 2 / (1 - minScore ** 2)) - 1e-6
    : -Infinity;
  const found: YuNetFace[] = [];
  for (let y = 0; y < head.rows; y++) {
    for (let x = 0; x < head.columns; x++) {
      const at = head.quad(0, x, y);
      const kind = head.values[at + HEAD.class];
      const objectness = head.values[at + HEAD.objectness];
      if (kind < least || objectness < least) continue;
      const score = Math.fround(Math.sqrt(sigmoid(kind) * sigmoid(objectness)));
      if (score >= minScore) found.push(faceAt(head, x, y, score));
    }
  }
  return found;
}

function sigmoid(value: number): number {
  return 1 / (1 + Math.exp(-value));
}

function faceAt(head: Head, x: number, y: number, score: number): YuNetFace {
  const number = (index: number) => head.values[head.quad(index >> 2, x, y) + (index & 3)];
  const point = (index: number) => ({
    x: (x + number(index)) * head.stride,
    y: (y + number(index + 1)) * head.stride,
  });
  const middle = point(HEAD.box);
  const width = Math.exp(number(HEAD.box + 2)) * head.stride;
  const height = Math.exp(number(HEAD.box + 3)) * head.stride;
  return {
    x: middle.x - width / 2,
    y: middle.y - height / 2,
    width,
    height,
    score,
    landmarks: [0, 2, 4, 6, 8].map((nth) => point(HEAD.landmarks + nth)),
  };
}

/** Non-maximum suppression. OpenCV compares boxes whose corner and size are cut to whole pixels. */
function suppressed(candidates: readonly YuNetFace[]): YuNetFace[] {
  const kept: { face: YuNetFace; box: Box }[] = [];
  for (const face of candidates) {
    const box = {
      x: Math.trunc(face.x),
      y: Math.trunc(face.y),
      width: Math.trunc(face.width),
      height: Math.trunc(face.height),
    };
    if (kept.every((other) => overlap(box, other.box) <= OVERLAP)) kept.push({ face, box });
  }
  return kept.map(({ face }) => face);
}
