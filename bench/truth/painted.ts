/** The visits in the clips of test/media, computed from their layers. */
import { type Clip, type ClipName, CLIPS, type Layer } from "../../test/media/clips.ts";
import { placeAt } from "../../test/media/paint.ts";
import { type ClipTruth, MIN_FACE_PX, type TrueVisit } from "./truth.ts";

/** The visits in a clip of test/media. A face hidden by another face does not end its visit. */
export function paintedTruth(name: ClipName): ClipTruth {
  const clip: Clip = CLIPS[name];
  const tracks = clip.layers.map((layer) => ({ layer, boxes: trackOf(layer, clip) }));
  const visits = tracks.flatMap(({ layer, boxes }) => visitOf(layer, boxes, clip) ?? []);
  const passedOver = tracks.filter(({ boxes }) => boxes.length > 0)
    .map(({ layer, boxes }) => ({
      who: layer.cutout.picture,
      why: "small, upside down or at the edge",
      boxes,
    }));
  return { ...clip, clip: `${name}.mp4`, sha256: "", visits, passedOver };
}

/** The boxes of a layer's face in all frames, also where the face is small, upside down or partly outside. */
function trackOf(layer: Layer, { frames }: Clip): TrueVisit["boxes"] {
  return Array.from({ length: frames }, (_, frame) => faceAt(layer, frame)).filter((box) =>
    box !== undefined
  );
}

/** The frames in which the whole face is inside the picture; `undefined` without any. */
function visitOf(
  { cutout }: Layer,
  track: TrueVisit["boxes"],
  { width, height }: Clip,
): TrueVisit | undefined {
  if (cutout.upsideDown) return undefined;
  const boxes = track.filter(([, x, y, faceWidth, faceHeight]) => {
    const isInside = x >= 0 && y >= 0 && x + faceWidth <= width && y + faceHeight <= height;
    return isInside && faceWidth >= MIN_FACE_PX;
  });
  if (boxes.length === 0) return undefined;
  return { who: cutout.picture, from: boxes[0][0], to: boxes.at(-1)![0], boxes };
}

/** Frame, x, y, width and height of the face; undefined when it is not visible. */
function faceAt({ cutout, places }: Layer, frame: number): TrueVisit["boxes"][number] | undefined {
  const place = placeAt(places, frame);
  if (!place || !cutout.face) return undefined;
  const [x, y, width, height] = cutout.face;
  const scale = place.width / cutout.width;
  const fromLeft = cutout.mirrored ? cutout.left + cutout.width - x - width : x - cutout.left;
  const fromTop = cutout.upsideDown ? cutout.top + cutout.height - y - height : y - cutout.top;
  return [
    frame,
    Math.round(place.centreX + (fromLeft - cutout.width / 2) * scale),
    Math.round(place.centreY + (fromTop - cutout.height / 2) * scale),
    Math.round(width * scale),
    Math.round(height * scale),
  ];
}
