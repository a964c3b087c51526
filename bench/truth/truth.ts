/** The known visits in clips: people, frames and boxes. README.md says how they were made. */
import type { Box } from "../../lib/image/frame.ts";
import { overlap } from "../../lib/image/boxes.ts";

/** The time in which one person faces the camera without interruption. Frames count from 0. */
export interface TrueVisit {
  readonly who: string;
  /** The same for all visits of one person in the same clothes, in any clip; absent for somebody with one visit. */
  readonly person?: string;
  /** The first and the last frame that show the face. */
  readonly from: number;
  readonly to: number;
  /** `[frame, x, y, width, height]` of the face in pixels at some frames, which include `from` and `to`. */
  readonly boxes: readonly (readonly [number, number, number, number, number])[];
}

/** Somebody whose face is in view but makes no visit, such as a person in profile. */
export interface PassedOver {
  readonly who: string;
  readonly why: string;
  /** The face, as in TrueVisit: a detection of it is neither right nor wrong. Absent where no face is in view. */
  readonly boxes?: TrueVisit["boxes"];
}

/** The known visits in one clip. */
export interface ClipTruth {
  /** The file name of the clip, and the SHA-256 of the file. */
  readonly clip: string;
  readonly sha256: string;
  /** The size of its frames in pixels. */
  readonly width: number;
  readonly height: number;
  readonly framesPerSecond: number;
  readonly frames: number;
  /** The minimum width of a face that counts, in pixels; default MIN_FACE_PX. */
  readonly minFacePx?: number;
  readonly visits: readonly TrueVisit[];
  readonly passedOver?: readonly PassedOver[];
}

/** Smaller faces are not visits (README.md), except where a clip has its own minimum. */
export const MIN_FACE_PX = 24;
/** Minimum overlap (intersection over union) of a box that shows a face. */
const MIN_OVERLAP = 0.3;

/** All clips with known visits, sorted by name. */
export function readTruths(): ClipTruth[] {
  const folder = import.meta.dirname!;
  const names = Array.from(Deno.readDirSync(folder), ({ name }) => name).filter((name) =>
    name.endsWith(".json")
  );
  return names.sort().map((name) => JSON.parse(Deno.readTextFileSync(`${folder}/${name}`)));
}

/** The visit whose face `box` shows at a frame; undefined when it shows no face. */
export function visitAt({ visits }: ClipTruth, frame: number, box: Box): TrueVisit | undefined {
  const covered = visits.map((visit) => {
    const face = faceAt(visit, frame);
    return { visit, part: face ? overlap(face, box) : 0 };
  });
  const best = covered.toSorted((a, b) => b.part - a.part)[0];
  return best && best.part >= MIN_OVERLAP ? best.visit : undefined;
}

/** Whether `box` shows the face of somebody who makes no visit. */
export function isSkipped({ passedOver = [] }: ClipTruth, frame: number, box: Box): boolean {
  return passedOver.some(({ boxes }) => {
    const face = boxes && faceAt({ boxes }, frame);
    return face !== undefined && overlap(face, box) >= MIN_OVERLAP;
  });
}

/** The box of the face at a frame, interpolated linearly between the known frames. */
export function faceAt({ boxes }: Pick<TrueVisit, "boxes">, frame: number): Box | undefined {
  const next = boxes.findIndex(([at]) => at >= frame);
  if (next < 0 || (next === 0 && boxes[0][0] !== frame)) return undefined;
  const [before, after] = [boxes[Math.max(0, next - 1)], boxes[next]];
  const part = after[0] === before[0] ? 1 : (frame - before[0]) / (after[0] - before[0]);
  const [, x, y, width, height] = before.map((value, index) => value + part * (after[index] - value));
  return { x, y, width, height };
}
