/** The geometry of a face's five landmarks: how frontal the face is, and whether both of its eyes are in view. */
import type { Box, Point } from "./frame.ts";

/** Right eye, left eye, tip of the nose, right and left mouth corner; right and left of the person. */
export type Landmarks = readonly Point[];

/** Lengths and angles that do not depend on the place of the face; only `tilt` depends on its rotation in the picture. */
export interface FaceGeometry {
  /** Distance of the eyes, pixels. */
  readonly eyes: number;
  /** Angle of the line from the right eye to the left, radians: 0 is level, beyond ±π/2 upside down. */
  readonly tilt: number;
  /**
   * Distance of the nose from the midline, which leads from the middle of the eyes to that of the mouth, in halves of
   * the distance of the eyes. 0: from the front; 0.5: turned by about 30 degrees; above 1: one eye is hidden.
   */
  readonly turn: number;
  /** How far the nose and the mouth are below the line of the eyes, in distances of the eyes. */
  readonly nose: number;
  readonly mouth: number;
}

/** Minimum of a length that is divided by, pixels. */
const MIN_LENGTH = 1e-6;
/** Distance of the eyes of a frontal face, as a share of its width: 0.41 to 0.54 with YuNet's boxes. */
const FRONTAL_EYES = 0.42;
/** Minimum of the same where both eyes are in view. */
const MIN_EYES = 0.25;
/**
 * Maximum of `mouth` where both eyes are in view: 0.8 to 1.2 from the front, up to 1.45 half turned; 1.47 and more in
 * profile, and where YuNet takes an ear, a hand or the back of a head for a face.
 */
const MAX_MOUTH = 1.45;

/** The geometry of five landmarks. */
export function geometryOf(landmarks: Landmarks): FaceGeometry {
  const [rightEye, leftEye, noseTip, rightCorner, leftCorner] = landmarks;
  const middle = between(rightEye, leftEye);
  const toLeftEye = from(middle, leftEye);
  const toNose = from(middle, noseTip);
  const toMouth = from(middle, between(rightCorner, leftCorner));
  const halfEyes = Math.max(MIN_LENGTH, Math.hypot(toLeftEye.x, toLeftEye.y));
  const midline = Math.max(MIN_LENGTH, Math.hypot(toMouth.x, toMouth.y));
  const eyes = 2 * halfEyes;
  return {
    eyes,
    tilt: Math.atan2(toLeftEye.y, toLeftEye.x),
    turn: Math.abs(cross(toMouth, toNose)) / midline / halfEyes,
    nose: cross(toLeftEye, toNose) / halfEyes / eyes,
    mouth: cross(toLeftEye, toMouth) / halfEyes / eyes,
  };
}

/**
 * How frontal a face is, 0..1: the product of the nose's nearness to the midline, the distance of the eyes relative to
 * the width of the face, and the cosine of the tilt.
 */
export function frontality(landmarks: Landmarks, { width }: Box): number {
  const { eyes, tilt, turn } = geometryOf(landmarks);
  return Math.max(0, 1 - turn) * Math.min(1, eyes / width / FRONTAL_EYES) * Math.max(0, Math.cos(tilt));
}

/**
 * Whether both eyes are in view, judged by the place of the landmarks: the eyes are inside the box and far enough apart
 * for the width of the face and for its height, and the nose is between them, and between them and the mouth. A profile
 * does not pass, nor does the back of a head.
 */
export function showsBothEyes(landmarks: Landmarks, box: Box): boolean {
  const { eyes, turn, nose, mouth } = geometryOf(landmarks);
  return landmarks.slice(0, 2).every((eye) => isInside(eye, box)) && eyes >= box.width * MIN_EYES &&
    mouth <= MAX_MOUTH && turn < 1 && nose > 0 && nose < mouth;
}

function isInside({ x, y }: Point, box: Box): boolean {
  return x >= box.x && x <= box.x + box.width && y >= box.y && y <= box.y + box.height;
}

const between = (a: Point, b: Point): Point => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
const from = (a: Point, b: Point): Point => ({ x: b.x - a.x, y: b.y - a.y });
/** The z of the cross product: positive where `b` points clockwise from `a` in a picture, whose y points down. */
const cross = (a: Point, b: Point): number => a.x * b.y - a.y * b.x;
