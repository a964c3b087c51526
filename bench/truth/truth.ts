/** Who can be seen in a clip, when and where, as a person saw it: see README.md beside this file. */
import type { Box } from "../../lib/image/frame.ts";
import { overlap } from "../../lib/detection/visits.ts";

/** One person's uninterrupted stay, face to the camera. Frames count from 0. */
export interface TrueVisit {
  readonly who: string;
  /** The first and the last frame in which the person is there. */
  readonly from: number;
  readonly to: number;
  /** `[frame, x, y, width, height]` of the face in pixels, at some frames, `from` and `to` among them. */
  readonly boxes: readonly (readonly [number, number, number, number, number])[];
}

/** The visits of one clip. */
export interface ClipTruth {
  /** The clip's file name, and the SHA-256 of the file that was looked at. */
  readonly clip: string;
  readonly sha256: string;
  /** Of its frames, pixels. */
  readonly width: number;
  readonly height: number;
  readonly framesPerSecond: number;
  readonly frames: number;
  readonly visits: readonly TrueVisit[];
}

/** A box that covers a face less than this (intersection over union) does not show it. */
const MIN_OVERLAP = 0.3;

/** All clips with a truth, in the order of their names. */
export function readTruths(): ClipTruth[] {
  const folder = import.meta.dirname!;
  const names = Array.from(Deno.readDirSync(folder), ({ name }) => name).filter((name) =>
    name.endsWith(".json")
  );
  return names.sort().map((name) => JSON.parse(Deno.readTextFileSync(`${folder}/${name}`)));
}

/** The visit whose face is in `box` at a frame; nothing when nobody's is. */
export function visitAt({ visits }: ClipTruth, frame: number, box: Box): TrueVisit | undefined {
  const covered = visits.map((visit) => {
    const face = faceAt(visit, frame);
    return { visit, part: face ? overlap(face, box) : 0 };
  });
  const best = covered.toSorted((a, b) => b.part - a.part)[0];
  return best && best.part >= MIN_OVERLAP ? best.visit : undefined;
}

/** Where the face is at a frame, on a straight line between the frames that were looked at. */
export function faceAt({ boxes }: TrueVisit, frame: number): Box | undefined {
  const next = boxes.findIndex(([at]) => at >= frame);
  if (next < 0 || (next === 0 && boxes[0][0] !== frame)) return undefined;
  const [before, after] = [boxes[Math.max(0, next - 1)], boxes[next]];
  const part = after[0] === before[0] ? 1 : (frame - before[0]) / (after[0] - before[0]);
  const [, x, y, width, height] = before.map((value, index) => value + part * (after[index] - value));
  return { x, y, width, height };
}
