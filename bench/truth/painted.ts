/** The visits in the clips of test/media, computed from their layers. */
import { type Clip, type ClipName, CLIPS, type Layer } from "../../test/media/clips.ts";
import { placeAt } from "../../test/media/paint.ts";
import type { ClipTruth, TrueVisit } from "./truth.ts";

/** Smaller faces are not visits (README.md). */
const MIN_FACE_PX = 24;

/** The visits in a clip of test/media. A face hidden by another face does not end its visit. */
export function paintedTruth(name: ClipName): ClipTruth {
  const clip: Clip = CLIPS[name];
  const visits = clip.layers.flatMap((layer) => visitOf(layer, clip) ?? []);
  return { ...clip, clip: `${name}.mp4`, sha256: "", visits };
}

/** The frames in which the whole face is inside the picture; `undefined` without any. */
function visitOf(layer: Layer, { width, height, frames }: Clip): TrueVisit | undefined {
  const boxes = Array.from({ length: frames }, (_, frame) => faceAt(layer, frame)).filter((box) => {
    if (!box) return false;
    const [, x, y, faceWidth, faceHeight] = box;
    const isInside = x >= 0 && y >= 0 && x + faceWidth <= width && y + faceHeight <= height;
    return isInside && faceWidth >= MIN_FACE_PX;
  }).map((box) => box!);
  if (boxes.length === 0) return undefined;
  return { who: layer.cutout.picture, from: boxes[0][0], to: boxes.at(-1)![0], boxes };
}

/** Frame, x, y, width and height of the face; undefined when it is not visible. */
function faceAt({ cutout, places }: Layer, frame: number): TrueVisit["boxes"][number] | undefined {
  const place = placeAt(places, frame);
  if (!place || !cutout.face || cutout.upsideDown) return undefined;
  const [x, y, width, height] = cutout.face;
  const scale = place.width / cutout.width;
  const fromLeft = cutout.mirrored ? cutout.left + cutout.width - x - width : x - cutout.left;
  return [
    frame,
    Math.round(place.centreX + (fromLeft - cutout.width / 2) * scale),
    Math.round(place.centreY + (y - cutout.top - cutout.height / 2) * scale),
    Math.round(width * scale),
    Math.round(height * scale),
  ];
}
