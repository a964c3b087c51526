/**
 * Decides on the area of a frame to search: regions where something moved and where a face was recently found. The whole
 * frame is searched at an interval, for faces that both miss.
 */
import { grown, liesIn, merged, touch } from "../image/boxes.ts";
import type { Area, Box, Frame, Size } from "../image/frame.ts";
import { Motion } from "./motion.ts";

/** off: search every frame; frame: search frames with motion; region: search only around motion. */
export const MOTION_MODES = ["off", "frame", "region"] as const;
export type MotionMode = typeof MOTION_MODES[number];

/** The region around a face is searched in every frame for this long, milliseconds of the source. */
const RECENT_MS = 1_000;
/** A scene is quiet this long after the last motion and the last new face, milliseconds of the source. */
const QUIET_MS = 2_000;
/** Margin around a face or a motion, as a share of its longer side, and its minimum in pixels. */
const MARGIN = 0.5;
const MIN_MARGIN = 32;
/** Regions that cover a larger share of the frame are replaced by the whole frame. */
const MAX_SHARE = 0.6;

export class SearchArea {
  readonly #motion = new Motion();
  /** Recent faces, with the time of the first frame after they were found. */
  #faces: { readonly box: Box; readonly knownMs?: number }[] = [];
  #fullMs = -Infinity;
  #size: Size = { width: 0, height: 0 };
  /** The last motion or new face, and the time since then. */
  #activeMs = -Infinity;
  #quietMs = 0;
  /** Whether a face was found, since the last frame, where none was before. */
  #hasNewFace = false;

  /** @param everyMs maximum interval between searches of whole frames, milliseconds of the source; 0: only the first */
  constructor(private readonly mode: MotionMode, private readonly everyMs: number) {}

  /** The area of the next frame to search. */
  of(frame: Frame): Area {
    if (this.mode === "off") return "all";
    if (!isSize(frame, this.#size)) this.#restart(frame);
    const moved = this.#motion.update(frame);
    this.#faces = this.#faces.map(({ box, knownMs = frame.sourceTimeMs }) => ({ box, knownMs }))
      .filter(({ knownMs }) => frame.sourceTimeMs - knownMs <= RECENT_MS);
    const isFirst = this.#fullMs === -Infinity;
    if (isFirst || moved.length > 0 || this.#hasNewFace) this.#activeMs = frame.sourceTimeMs;
    this.#hasNewFace = false;
    this.#quietMs = frame.sourceTimeMs - this.#activeMs;
    const isDue = this.everyMs > 0 && frame.sourceTimeMs - this.#fullMs >= this.everyMs;
    if (isFirst || isDue || (this.mode === "frame" && moved.length > 0)) return this.#all(frame);
    const faces = this.#faces.map(({ box }) => box);
    const regions = merged([...moved, ...faces].map((box) => widened(box, frame)));
    const pixels = regions.reduce((sum, { width, height }) => sum + width * height, 0);
    return pixels > MAX_SHARE * frame.width * frame.height ? this.#all(frame) : regions;
  }

  /** Whether nothing has moved and no new face was found for a while. Never where every frame is searched. */
  get isQuiet(): boolean {
    return this.#quietMs >= QUIET_MS;
  }

  /** Adds the faces that were found in a frame. Frames come in their order, several frames late. */
  found(boxes: readonly Box[], frame: Size): void {
    if (!isSize(frame, this.#size)) return;
    if (boxes.some((newer) => !this.#faces.some(({ box }) => touch(newer, box)))) {
      this.#hasNewFace = true;
      this.#quietMs = 0;
    }
    const others = this.#faces.filter(({ box }) => !boxes.some((newer) => touch(newer, box)));
    this.#faces = [...others, ...boxes.map((box) => ({ box }))];
  }

  /** The camera was reopened with another frame size, so earlier faces have no place in these frames. */
  #restart({ width, height }: Size): void {
    this.#size = { width, height };
    this.#faces = [];
    this.#fullMs = -Infinity;
  }

  #all({ sourceTimeMs }: Frame): Area {
    this.#fullMs = sourceTimeMs;
    return "all";
  }
}

/** The regions around faces that an area does not contain, as SearchArea would have added them. */
export function regionsMissing(faces: readonly Box[], area: Area, frame: Frame): Box[] {
  if (area === "all") return [];
  return merged(
    faces.map((box) => widened(box, frame)).filter((face) => !area.some((region) => liesIn(face, region))),
  );
}

function isSize(some: Size, other: Size): boolean {
  return some.width === other.width && some.height === other.height;
}

/** A box with its margin, clipped to the frame. */
function widened(box: Box, frame: Frame): Box {
  const margin = Math.max(MIN_MARGIN, Math.round(MARGIN * Math.max(box.width, box.height)));
  return grown(box, [margin, margin], frame);
}
