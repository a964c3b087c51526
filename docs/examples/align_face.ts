/**
 * Aligns a face by its five landmarks: turns, scales and moves the picture so that they lie on a template. Networks that
 * recognise faces are trained with such pictures.
 */
import type { FaceMetadata } from "../../lib/face/face.ts";
import type { Picture } from "../../lib/image/crop.ts";
import type { Point } from "../../lib/image/frame.ts";

/** Width and height of an aligned face, pixels. */
export const ALIGNED_SIDE = 112;

/**
 * Where the landmarks of ArcFace's training pictures lie, pixels of 112x112, in the order of the metadata. Source:
 * github.com/deepinsight/insightface, python-package/insightface/utils/face_align.py, `arcface_src`.
 */
export const TEMPLATE: readonly Point[] = [
  { x: 38.2946, y: 51.6963 },
  { x: 73.5318, y: 51.5014 },
  { x: 56.0252, y: 71.7366 },
  { x: 41.5493, y: 92.3655 },
  { x: 70.7299, y: 92.2041 },
];

/** Turns and scales by (a, b), then moves by (x, y): `{ x: a x - b y + x, y: b x + a y + y }`. */
export interface Similarity extends Point {
  readonly a: number;
  readonly b: number;
}

/** The landmarks in pixels of the picture; nothing where the face has none. */
export function landmarksInPicture({ landmarks, crop, scale = 1 }: FaceMetadata): Point[] | undefined {
  return landmarks?.map(({ x, y }) => ({ x: (x - crop.x) * scale, y: (y - crop.y) * scale }));
}

/** The similarity that moves `from` as near to `to` as possible, by the sum of squared distances. */
export function similarityBetween(from: readonly Point[], to: readonly Point[]): Similarity {
  const [start, end] = [middleOf(from), middleOf(to)];
  let [dot, cross, size] = [0, 0, 0];
  from.forEach((point, index) => {
    const [p, q] = [minus(point, start), minus(to[index], end)];
    dot += p.x * q.x + p.y * q.y;
    cross += p.x * q.y - p.y * q.x;
    size += p.x ** 2 + p.y ** 2;
  });
  const [a, b] = [dot / size, cross / size];
  return { a, b, x: end.x - a * start.x + b * start.y, y: end.y - b * start.x - a * start.y };
}

/** The picture's point that a similarity moves to (x, y). */
export function originOf({ a, b, x: byX, y: byY }: Similarity, { x, y }: Point): Point {
  const size = a * a + b * b;
  return { x: (a * (x - byX) + b * (y - byY)) / size, y: (a * (y - byY) - b * (x - byX)) / size };
}

/**
 * The face as 112x112 pixels, by bilinear interpolation; black where the picture ends. A picture that is far larger
 * should be scaled down first.
 */
export function aligned(picture: Picture, landmarks: readonly Point[]): Picture {
  const similarity = similarityBetween(landmarks, TEMPLATE);
  const rgb = new Uint8Array(ALIGNED_SIDE * ALIGNED_SIDE * 3);
  for (let y = 0, to = 0; y < ALIGNED_SIDE; y++) {
    for (let x = 0; x < ALIGNED_SIDE; x++) {
      const from = originOf(similarity, { x, y });
      for (let colour = 0; colour < 3; colour++) rgb[to++] = Math.round(sample(picture, from, colour));
    }
  }
  return { width: ALIGNED_SIDE, height: ALIGNED_SIDE, rgb };
}

function sample({ width, height, rgb }: Picture, { x, y }: Point, colour: number): number {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const at = (column: number, row: number) =>
    column >= 0 && row >= 0 && column < width && row < height ? rgb[(row * width + column) * 3 + colour] : 0;
  const [right, down] = [x - left, y - top];
  const above = at(left, top) * (1 - right) + at(left + 1, top) * right;
  const below = at(left, top + 1) * (1 - right) + at(left + 1, top + 1) * right;
  return above * (1 - down) + below * down;
}

const minus = (a: Point, b: Point): Point => ({ x: a.x - b.x, y: a.y - b.y });

function middleOf(points: readonly Point[]): Point {
  const sum = points.reduce((sum, { x, y }) => ({ x: sum.x + x, y: sum.y + y }), { x: 0, y: 0 });
  return { x: sum.x / points.length, y: sum.y / points.length };
}
