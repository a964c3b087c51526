/**
 * The people of labelled clips, each cut out as a short film of one size with the face at one place, so that they can be
 * put together in other orders. Boxes are those of the detector.
 */
import { detectFrames } from "../lib/detection/frame_pipeline.ts";
import type { Detection, FaceDetector } from "../lib/detection/engine.ts";
import type { Camera } from "../lib/camera/camera.ts";
import type { Box, Frame, Size, YuvPixels } from "../lib/image/frame.ts";
import { type ClipTruth, type TrueVisit, visitAt } from "./truth/truth.ts";

/** Size of a film, and the middle and the side of the face in it, pixels. */
export const FILM: Size = { width: 320, height: 240 };
const FACE = { x: 160, y: 84, side: 48 };
/** Films have at most this many frames per second, and this length, milliseconds. */
const FRAMES_PER_SECOND = 15;
const MAX_MS = 6_000;

/** A frame of a film. */
export interface FilmFrame {
  readonly size: Size;
  readonly pixels: YuvPixels;
  /** Milliseconds since the film began. */
  readonly atMs: number;
  /** What the detector found of this person; undefined in frames in which it found nothing. */
  readonly detection?: Detection;
}

/** One stay of one person. */
export interface Stay {
  readonly person: string;
  readonly frames: readonly FilmFrame[];
}

/** Stays with fewer detections are too short to be cut in two. */
const MIN_DETECTIONS = 16;

/** The stays in a clip in which the detector found the person often enough. */
export async function staysOf(truth: ClipTruth, camera: Camera, detector: FaceDetector): Promise<Stay[]> {
  const nth = Math.ceil(truth.framesPerSecond / FRAMES_PER_SECOND);
  const stays = new Map<TrueVisit, { window: Window; frames: FilmFrame[]; beganMs: number }>();
  const frames = detectFrames(camera.frames({ signal: new AbortController().signal }), detector, {
    live: false,
    onSkipped: () => {},
  });
  for await (const { frame, boxes } of frames) {
    const number = Math.round(frame.sourceTimeMs * truth.framesPerSecond / 1000);
    if (number % nth !== 0) continue;
    for (const [visit, detection] of peopleIn(truth, number, boxes)) {
      if (!stays.has(visit) && !detection) continue;
      const stay = stays.get(visit) ??
        { window: windowAround(detection!), frames: [], beganMs: frame.sourceTimeMs };
      stays.set(visit, stay);
      const atMs = frame.sourceTimeMs - stay.beganMs;
      if (atMs <= MAX_MS) stay.frames.push(filmFrame(frame, stay.window, atMs, detection));
    }
  }
  return Array.from(stays, ([visit, { frames }]) => ({ person: personOf(visit, truth), frames }))
    .filter(({ frames }) => frames.filter(({ detection }) => detection).length >= MIN_DETECTIONS);
}

/** The visits of a frame, each with its detection if there is one. */
function peopleIn(
  truth: ClipTruth,
  number: number,
  boxes: readonly Detection[],
): Map<TrueVisit, Detection | undefined> {
  const people = new Map<TrueVisit, Detection | undefined>();
  for (const visit of truth.visits) {
    if (visit.from <= number && number <= visit.to) people.set(visit, undefined);
  }
  for (const box of boxes) {
    const visit = visitAt(truth, number, box);
    if (visit && !people.get(visit)) people.set(visit, box);
  }
  return people;
}

/** The name of a visit's person. */
export function personOf(
  { who, person }: Pick<TrueVisit, "who" | "person">,
  { clip }: Pick<ClipTruth, "clip">,
): string {
  return person ?? `${who} (${clip})`;
}

/** The part of the frame that a film shows: its upper left corner, and pixels of the frame for one of the film. */
interface Window {
  readonly left: number;
  readonly top: number;
  readonly scale: number;
}

function windowAround({ x, y, width, height }: Box): Window {
  const scale = (width + height) / 2 / FACE.side;
  return { left: x + width / 2 - FACE.x * scale, top: y + height / 2 - FACE.y * scale, scale };
}

/** The nearest pixels; beyond the frame its edge is repeated. */
function filmFrame(frame: Frame, window: Window, atMs: number, detection?: Detection): FilmFrame {
  const { pixels, width, height } = frame;
  if (pixels.kind !== "yuv420") throw new Error("only clips have stays");
  const half = { width: FILM.width / 2, height: FILM.height / 2 };
  const chroma = { ...window, left: window.left / 2, top: window.top / 2 };
  const chromaSize = { width: (width + 1) >> 1, height: (height + 1) >> 1 };
  return {
    size: FILM,
    atMs,
    detection: detection && inside(moved(detection, window)),
    pixels: {
      ...pixels,
      y: part(pixels.y, { width, height }, window, FILM),
      u: part(pixels.u, chromaSize, chroma, half),
      v: part(pixels.v, chromaSize, chroma, half),
    },
  };
}

function part(plane: Uint8Array, size: Size, { left, top, scale }: Window, to: Size): Uint8Array {
  const result = new Uint8Array(to.width * to.height);
  const within = (value: number, length: number) => Math.max(0, Math.min(length - 1, Math.floor(value)));
  for (let row = 0, at = 0; row < to.height; row++) {
    const line = within(top + (row + 0.5) * scale, size.height) * size.width;
    for (let column = 0; column < to.width; column++, at++) {
      result[at] = plane[line + within(left + (column + 0.5) * scale, size.width)];
    }
  }
  return result;
}

/** A film does not follow a person who leaves its window. */
function inside(detection: Detection): Detection | undefined {
  const { x, y, width, height } = detection;
  const isInside = x >= 0 && y >= 0 && x + width <= FILM.width && y + height <= FILM.height;
  return isInside ? detection : undefined;
}

function moved(detection: Detection, { left, top, scale }: Window): Detection {
  const point = ({ x, y }: { x: number; y: number }) => ({ x: (x - left) / scale, y: (y - top) / scale });
  return {
    ...detection,
    ...point(detection),
    width: detection.width / scale,
    height: detection.height / scale,
    ...detection.landmarks && { landmarks: detection.landmarks.map(point) },
  };
}
