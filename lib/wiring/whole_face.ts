/** Cuts a face out of the whole picture of its frame. */
import type { SelectedFace } from "../detection/face_selection.ts";
import { type ScoredFace, scoredFace } from "../detection/scored_face.ts";
import { crop, type Picture } from "../image/crop.ts";
import type { Frame, WholePicture } from "../image/frame.ts";
import { scaleDown } from "../image/scale.ts";
import { inWhole } from "./whole_boxes.ts";

/**
 * Maximum mean difference of the face in both pictures, of 255. Of one JPEG it is 0.6 to 1 (1080p with noise), since the
 * smaller picture has fewer details. Where something moves, it is 2 to 5 from one frame to the next, and then grows.
 */
const MAX_DIFFERENCE = 6;

export interface WholeFaceOptions {
  /** The margin to crop around a face, as a share of its size. */
  readonly margin: number;
  /** Decodes the picture; undefined when that fails. */
  readonly decode: (whole: WholePicture) => Promise<Frame | undefined>;
  /** Called with the reason when the face keeps the picture of the smaller frame. */
  readonly onSmall: (reason: string) => void;
}

/** The face in its whole picture; the face as it is when that cannot be decoded, or shows something else. */
export async function wholeFace(
  { whole, ...face }: SelectedFace,
  { margin, decode, onSmall }: WholeFaceOptions,
): Promise<SelectedFace> {
  if (!whole) return face;
  const frame = await decode(whole);
  if (!frame) {
    onSmall("the whole picture cannot be decoded");
    return face;
  }
  const same = crop(frame, inWhole(face.crop, { whole }));
  if (!isSame(same, face.picture)) {
    onSmall("the whole picture differs from the frame");
    return face;
  }
  return { ...face, ...cutOf(face, frame, whole, margin) };
}

/** The face, cropped from its whole picture. */
function cutOf(face: ScoredFace, frame: Frame, whole: WholePicture, margin: number): ScoredFace {
  const { box, landmarks, neighbors, weight, detectionScore, capturedMs } = face;
  const small = { ...box, landmarks, neighbors, weight, score: detectionScore };
  return scoredFace({ ...frame, capturedMs }, inWhole(small, { whole }), margin);
}

/** Whether a picture shows the same as a smaller one. */
function isSame(large: Picture, small: Picture): boolean {
  if (large.width < small.width || large.height < small.height) return false;
  const { rgb } = scaleDown(large, small);
  let sum = 0;
  for (let at = 0; at < rgb.length; at++) sum += Math.abs(rgb[at] - small.rgb[at]);
  return sum <= MAX_DIFFERENCE * rgb.length;
}
