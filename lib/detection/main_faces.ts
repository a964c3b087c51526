/** Finds a face of the sub stream of a camera again in pictures of the main stream, as two_views.ts describes. */
import { enlarged, sideOf } from "../image/boxes.ts";
import { type Box, type Frame, fullRange, type SearchPlane, type Size } from "../image/frame.ts";
import { fullRangeChroma } from "../image/chroma.ts";
import { regionOf } from "../image/region.ts";
import type { Detection, FaceDetector } from "./engine.ts";
import { type ScoredFace, scoredFace, type SeenFace } from "./scored_face.ts";
import { looksIn } from "./looks.ts";
import { searchPlaneOf } from "./search_plane.ts";
import { bestMatch, placeIn, regionAround, type View, viewsOf } from "./two_views.ts";

/**
 * Regions are reduced before the search, which takes long in a large one: a face keeps at least this side, pixels, and
 * that of the sub stream, in which the detector found it.
 */
const SEARCHED_SIDE = 80;

/** A face of the sub stream. */
export type SmallFace = Pick<ScoredFace, "box" | "frame"> & SeenFace;

export interface MainFacesOptions {
  readonly detector: Pick<FaceDetector, "detect" | "usesColour">;
  /** The largest face that the detector finds, pixels; 0: any. */
  readonly maxSize: number;
  /** See withMargin. */
  readonly margin: number;
  /** See PipelineOptions. */
  readonly prepare?: (gray: Uint8Array) => void;
}

/** Finds faces of one camera. */
export class MainFaces {
  /** The view in which the last face was found, which is tried first. */
  #view: View = "whole";

  constructor(private readonly options: MainFacesOptions) {}

  /**
   * The face in the first of the frames in which it is found; undefined when it is in none.
   * @param frames pictures of the main stream of about the same time, the most likely first
   */
  async find(face: SmallFace, frames: readonly Frame[]): Promise<ScoredFace | undefined> {
    for (const frame of frames) {
      const views = viewsOf(face.frame, frame).toSorted((a, b) =>
        Number(b === this.#view) - Number(a === this.#view)
      );
      for (const view of views) {
        const found = await this.#search(face, frame, view);
        if (!found) continue;
        if (views.length > 1) this.#view = view;
        return scoredFace(frame, found, this.options.margin);
      }
    }
    return undefined;
  }

  async #search(face: SmallFace, frame: Frame, view: View): Promise<Detection | undefined> {
    const place = placeIn(view, face.box, face.frame, frame);
    const apartMs = frame.sourceTimeMs - face.sourceTimeMs;
    const region = regionAround(place, apartMs, frame);
    if (!region) return undefined;
    const found = await this.#detect(frame, region, this.#factor(sideOf(place), sideOf(face.box)));
    return bestMatch(found, { place, apartMs, looks: face.looks, looksOf: looksIn(frame) });
  }

  #factor(side: number, smallSide: number): number {
    const { maxSize } = this.options;
    const factor = Math.max(1, Math.floor(side / Math.max(smallSide, SEARCHED_SIDE)));
    return maxSize > 0 ? Math.max(factor, Math.ceil(side / maxSize)) : factor;
  }

  async #detect(frame: Frame, region: Box, factor: number): Promise<Detection[]> {
    const { detector, prepare } = this.options;
    const { plane, x, y } = regionOf(searchPlaneOf(frame, detector), region, factor);
    return (await detector.detect(prepare ? prepared(plane, prepare) : plane, "all")).map((one) =>
      inFrame(one, { x, y, factor }, frame)
    );
  }
}

/** A plane in full range, whose brightness `prepare` has changed. */
function prepared({ chroma, ...plane }: SearchPlane, prepare: (gray: Uint8Array) => void): SearchPlane {
  const gray = fullRange(plane);
  prepare(gray);
  const full = chroma && plane.limitedRange ? fullRangeChroma(chroma) : chroma;
  return { ...plane, gray, limitedRange: false, ...full && { chroma: full } };
}

/** A detection of a reduced region in pixels of the frame. */
function inFrame(
  box: Detection,
  { x, y, factor }: { readonly x: number; readonly y: number; readonly factor: number },
  { width, height }: Size,
): Detection {
  const large = enlarged(box, factor, { width: width - x, height: height - y });
  const landmarks = large.landmarks?.map((point) => ({ x: point.x + x, y: point.y + y }));
  return { ...large, x: large.x + x, y: large.y + y, ...landmarks && { landmarks } };
}
