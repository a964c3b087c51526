/** Boxes of a frame in pixels of the camera's picture, of which the frame may be a smaller copy. */
import type { Detection } from "../detection/engine.ts";
import { enlarged } from "../image/boxes.ts";
import { type Box, type Frame, reductionOf } from "../image/frame.ts";
import type { SelectableFrame } from "./search.ts";

/** A box of a frame, in pixels of the camera's picture. */
export function inWhole<T extends Box & Pick<Detection, "landmarks">>(
  box: T,
  { whole }: Pick<Frame, "whole">,
): T {
  return whole ? enlarged(box, whole.reduction, whole, whole.origin) : box;
}

/** A box of the camera's picture, in pixels of a frame of it. */
export function inFrame({ x, y, width, height }: Box, frame: Frame): Box {
  const reduction = reductionOf(frame);
  const origin = frame.whole?.origin ?? { x: 0, y: 0 };
  const [left, top] = [Math.floor((x - origin.x) / reduction), Math.floor((y - origin.y) / reduction)];
  return {
    x: left,
    y: top,
    width: Math.min(frame.width - left, Math.ceil(width / reduction)),
    height: Math.min(frame.height - top, Math.ceil(height / reduction)),
  };
}

/** What was found and searched in a frame, in pixels of the camera's picture. */
export function resultInWhole({ frame, ...result }: SelectableFrame): Omit<SelectableFrame, "frame"> {
  const { area, boxes, detections, filtered } = result;
  const all = <T extends Detection>(found: readonly T[]) => found.map((box) => inWhole(box, frame));
  return {
    ...result,
    boxes: all(boxes),
    area: area === "all" ? area : all(area),
    detections: all(detections),
    filtered: filtered.map(({ box, reason }) => ({ box: inWhole(box, frame), reason })),
  };
}
