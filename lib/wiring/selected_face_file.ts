/** Writes a selected face as the file that is delivered, with its metadata. */
import type { Clock } from "../clock/clock.ts";
import { withClock } from "../clock/corrected_times.ts";
import type { SelectedFace } from "../detection/face_selection.ts";
import type { FaceFile } from "../face/face.ts";
import { writeFaceWithin } from "../face/fit_face.ts";
import type { StartedDetection } from "./detection.ts";
import type { FaceNumbers } from "./face_sink.ts";

/** What all faces of one run of a detector have in common. */
export interface FaceOrigin {
  readonly camera: string;
  readonly device: string;
  /** The engine and its settings. */
  readonly detection: StartedDetection["metadata"];
  readonly numbers: FaceNumbers;
  readonly clock: Clock;
  /** A larger file is scaled down. */
  readonly maxBytes: number;
}

/** Writes a face as a file, and gives it the next number. */
export function selectedFaceFile(
  { picture, box, crop, frame, capturedMs, score, sharpness, visit, ...found }: SelectedFace,
  { camera, device, detection, numbers, clock, maxBytes }: FaceOrigin,
): FaceFile {
  const { neighbors, weight, detectionScore, landmarks } = found;
  const metadata = {
    camera,
    device,
    captured: new Date(capturedMs).toISOString(),
    epoch: numbers.epoch,
    sequence: numbers.nextSequence(),
    box,
    crop,
    frame,
    score: thousandths(score),
    sharpness: thousandths(sharpness),
    neighbors,
    ...(weight !== undefined && { weight: thousandths(weight) }),
    ...(detectionScore !== undefined && { detectionScore: thousandths(detectionScore) }),
    ...(landmarks && { landmarks: landmarks.map(({ x, y }) => ({ x: tenths(x), y: tenths(y) })) }),
    ...(visit && { visit }),
    ...detection,
  };
  return writeFaceWithin(picture, withClock(metadata, clock), maxBytes);
}

const tenths = (value: number) => Math.round(value * 10) / 10;
const thousandths = (value: number) => Math.round(value * 1000) / 1000;
