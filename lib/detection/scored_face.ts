/** A detection with the score of its picture, which is cropped when it is needed. */
import { crop, type CroppedFace, withMargin } from "../image/crop.ts";
import type { Frame, MainPicture, WholePicture } from "../image/frame.ts";
import { qualityOf } from "../image/quality.ts";
import type { Detection } from "./engine.ts";
import type { Looks } from "./looks.ts";

/** A detection with its score. */
export interface ScoredBox extends Omit<CroppedFace, "picture"> {
  readonly frame: { readonly width: number; readonly height: number };
  readonly capturedMs: number;
  /** Quality of the picture, 0..1; see lib/image/quality.ts. */
  readonly score: number;
  /** See Quality. */
  readonly sharpness: number;
  /** See Detection. */
  readonly neighbors?: number;
  readonly weight?: number;
  readonly detectionScore?: number;
  readonly landmarks?: Detection["landmarks"];
  /** The whole picture of the frame; removed as soon as the face cannot be sent any more, since it holds memory. */
  whole?: WholePicture;
  /** Where its frame is of a sub stream. */
  readonly seen?: SeenFace & { readonly main: MainPicture };
  /** Cropped when it is needed: most detections are worse than another one of their visit. */
  picture?: CroppedFace["picture"];
}

/** A detection, cropped and scored. */
export interface ScoredFace extends ScoredBox {
  readonly picture: CroppedFace["picture"];
}

/** What a face is found by in another picture of about the same time. */
export interface SeenFace {
  readonly looks: Looks;
  /** See Frame. */
  readonly sourceTimeMs: number;
}

/** Crops and scores a detection. */
export function scoredFace(frame: Frame, detection: Detection, margin: number): ScoredFace {
  return cropped(frame, scoredBox(frame, detection, margin));
}

/** Scores a detection. */
export function scoredBox(
  frame: Frame,
  { x, y, neighbors, weight, score: detectionScore, landmarks, ...size }: Detection,
  margin: number,
): ScoredBox {
  const box = { x, y, width: size.width, height: size.height };
  const { width, height, capturedMs, whole } = frame;
  const { score, sharpness } = qualityOf(frame, box, margin, landmarks);
  const found = { neighbors, weight, detectionScore, landmarks };
  return {
    box,
    crop: withMargin(box, margin, frame),
    frame: { width, height },
    capturedMs,
    score,
    sharpness,
    ...found,
    whole,
  };
}

/** The same detection with its picture: the one that it has, or else the crop of `frame`, which must be its own. */
export function cropped(frame: Frame, box: ScoredBox): ScoredFace {
  box.picture ??= crop(frame, box.crop);
  return box as ScoredFace;
}
