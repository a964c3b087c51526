/**
 * Work not done: what of a frame is worth a search. A face is where something moved, or where one was a moment ago;
 * the whole frame is searched now and then for what both overlook.
 */
import type { Area, Box, Frame, Size } from "../image/frame.ts";
import { Motion } from "./motion.ts";

/** off: every frame is searched; frame: those in which something moved; region: only around what moved. */
export const MOTION_MODES = ["off", "frame", "region"] as const;
export type MotionMode = typeof MOTION_MODES[number];

/** Around a face every frame is searched for so long after it became known, milliseconds of the source. */
const RECENT_MS = 1_000;
/** What is searched around a face or a motion, as a part of its longer side, and at least so many pixels. */
const MARGIN = 0.5;
const MIN_MARGIN = 32;
/** More than this part of the frame is as good as all of it. */
const MOST = 0.6;

/** Decides for each frame. */
export class SearchArea {
  readonly #motion = new Motion();
  /** Known since the first frame that was taken after them. */
  #faces: { readonly box: Box; readonly knownMs?: number }[] = [];
  #fullMs = -Infinity;
  #size: Size = { width: 0, height: 0 };

  /** @param everyMs the whole frame is searched at least so often, milliseconds of the source; 0: only at first */
  constructor(private readonly mode: MotionMode, private readonly everyMs: number) {}

  /** What of the next frame to search. */
  of(frame: Frame): Area {
    if (this.mode === "off") return "all";
    if (!isSize(frame, this.#size)) this.#startAnew(frame);
    const moved = this.#motion.look(frame);
    this.#faces = this.#faces.map(({ box, knownMs = frame.sourceTimeMs }) => ({ box, knownMs }))
      .filter(({ knownMs }) => frame.sourceTimeMs - knownMs <= RECENT_MS);
    const isFirst = this.#fullMs === -Infinity;
    const isDue = this.everyMs > 0 && frame.sourceTimeMs - this.#fullMs >= this.everyMs;
    if (isFirst || isDue || (this.mode === "frame" && moved.length > 0)) return this.#all(frame);
    const faces = this.#faces.map(({ box }) => box);
    const regions = merged([...moved, ...faces].map((box) => widened(box, frame)));
    const pixels = regions.reduce((sum, { width, height }) => sum + width * height, 0);
    return pixels > MOST * frame.width * frame.height ? this.#all(frame) : regions;
  }

  /** Tells where faces were found in a frame, in the order of the frames; it may be several frames later. */
  found(boxes: readonly Box[], frame: Size): void {
    if (!isSize(frame, this.#size)) return;
    const others = this.#faces.filter(({ box }) => !boxes.some((newer) => touch(newer, box)));
    this.#faces = [...others, ...boxes.map((box) => ({ box }))];
  }

  /** A camera was opened anew with frames of another size: what was known was known of the others. */
  #startAnew({ width, height }: Size): void {
    this.#size = { width, height };
    this.#faces = [];
    this.#fullMs = -Infinity;
  }

  #all({ sourceTimeMs }: Frame): Area {
    this.#fullMs = sourceTimeMs;
    return "all";
  }
}

function isSize(some: Size, other: Size): boolean {
  return some.width === other.width && some.height === other.height;
}

/** A box with its surroundings, cut off at the frame's edges. */
function widened(box: Box, { width, height }: Frame): Box {
  const margin = Math.max(MIN_MARGIN, Math.round(MARGIN * Math.max(box.width, box.height)));
  const x = Math.max(0, box.x - margin);
  const y = Math.max(0, box.y - margin);
  const right = Math.min(width, box.x + box.width + margin);
  const bottom = Math.min(height, box.y + box.height + margin);
  return { x, y, width: right - x, height: bottom - y };
}

/** Boxes that overlap become the box around both, until none do. */
function merged(boxes: readonly Box[]): Box[] {
  const apart: Box[] = [];
  for (let box of boxes) {
    for (let at; (at = apart.findIndex((other) => touch(box, other))) >= 0;) {
      box = around(box, apart.splice(at, 1)[0]);
    }
    apart.push(box);
  }
  return apart;
}

function touch(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

function around(a: Box, b: Box): Box {
  const x = Math.min(a.x, b.x);
  const y = Math.min(a.y, b.y);
  const width = Math.max(a.x + a.width, b.x + b.width) - x;
  const height = Math.max(a.y + a.height, b.y + b.height) - y;
  return { x, y, width, height };
}
