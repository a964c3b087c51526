/** Searches frames of any size with YuNet: in tiles at several scales, whole or in regions. */
import { liesIn } from "../image/boxes.ts";
import type { Area, Box, Point, SearchPlane, Size } from "../image/frame.ts";
import { distinctFaces, type YuNetFace } from "./faces.ts";
import { tilesOf } from "./tiles.ts";
import { YuNetDetector } from "./yunet_detector.ts";
import type { YuNetSettings } from "./yunet_settings.ts";

/** A face whose box lies in the frame and has whole pixels. */
export interface FrameFace extends Box {
  readonly score: number;
  readonly landmarks: readonly Point[];
}

/** Sides of a region are extended to multiples of it, so that few sizes are planned. */
const REGION_MULTIPLE = 32;

/** Least distance to the edge of a tile, in widths of the face: of a cut face the network finds what is left of it. */
const MARGIN = 0.2;

/** A search for one thread; searching blocks the thread. */
export class FrameSearch {
  readonly #detector: YuNetDetector;

  constructor(private readonly settings: YuNetSettings) {
    this.#detector = new YuNetDetector(settings);
  }

  /** The faces in a plane, the best score first; with regions those inside one of them, in the order of the regions. */
  detect(plane: SearchPlane, area: Area): FrameFace[] {
    if (area === "all") return this.#search(plane, { x: 0, y: 0, width: plane.width, height: plane.height });
    return area.flatMap((region) =>
      this.#search(plane, extended(region, plane)).filter((face) => liesIn(face, region))
    );
  }

  #search(plane: SearchPlane, region: Box): FrameFace[] {
    const faces = tilesOf(region, this.settings).flatMap((tile) => {
      const at = { ...tile, x: region.x + tile.x, y: region.y + tile.y };
      return this.#detector.detect(plane, at).filter((face) => isWhole(face, at, plane));
    });
    return distinctFaces(faces).map((face) => fitted(face, plane)).filter((face) => this.#hasSize(face));
  }

  #hasSize({ width, height }: Size): boolean {
    const { minSize, maxSize } = this.settings;
    return Math.min(width, height) >= Math.max(1, minSize) &&
      (maxSize === 0 || Math.max(width, height) <= maxSize);
  }
}

/** The region, extended to REGION_MULTIPLE within the frame; its corner is even, as chroma has half the size. */
function extended(region: Box, frame: Size): Box {
  const along = (begin: number, length: number, all: number): [number, number] => {
    const first = begin - begin % 2;
    const wanted = Math.ceil((begin + length - first) / REGION_MULTIPLE) * REGION_MULTIPLE;
    const from = Math.max(0, Math.min(first, all - wanted));
    return [from - from % 2, Math.min(wanted + from % 2, all - from + from % 2)];
  };
  const [x, width] = along(region.x, region.width, frame.width);
  const [y, height] = along(region.y, region.height, frame.height);
  return { x, y, width, height };
}

/** Whether a face has its margin to every edge that is not the frame's. Another tile, or the whole frame, has it whole. */
function isWhole(face: Box, part: Box, frame: Size): boolean {
  const margin = MARGIN * face.width;
  const [right, bottom] = [part.x + part.width, part.y + part.height];
  return (part.x === 0 || face.x - margin >= part.x) && (part.y === 0 || face.y - margin >= part.y) &&
    (right === frame.width || face.x + face.width + margin <= right) &&
    (bottom === frame.height || face.y + face.height + margin <= bottom);
}

/** The face with a box of whole pixels in the frame. */
function fitted({ x, y, width, height, score, landmarks }: YuNetFace, frame: Size): FrameFace {
  const clamp = (value: number, most: number) => Math.max(0, Math.min(most, Math.round(value)));
  const [left, right] = [clamp(x, frame.width), clamp(x + width, frame.width)];
  const [top, bottom] = [clamp(y, frame.height), clamp(y + height, frame.height)];
  return { x: left, y: top, width: right - left, height: bottom - top, score, landmarks };
}
