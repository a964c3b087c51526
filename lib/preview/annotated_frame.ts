/** A frame with boxes and reasons drawn into it, in the colours of the aiming page. */
import { crop, type Picture } from "../image/crop.ts";
import { type Colour, fill, outline, textSize, write } from "../image/draw.ts";
import type { Box, Frame } from "../image/frame.ts";
import type { ShownBox } from "./live_pictures.ts";

const COLOURS: Readonly<Record<ShownBox["kind"], Colour>> = {
  counts: [63, 220, 127],
  waits: [255, 207, 63],
  unsent: [255, 255, 255],
};
const REGION: Colour = [124, 192, 242];
const [DARK, LIGHT]: readonly Colour[] = [[20, 24, 28], [255, 255, 255]];
/** Frames of this width have lines of 1 pixel and texts of the font's own size; wider ones have multiples. */
const UNIT_WIDTH = 400;

/** Draws all detections of a frame, and what was searched of it. */
export function annotatedFrame(
  frame: Frame,
  { boxes, regions }: { readonly boxes: readonly ShownBox[]; readonly regions: "all" | readonly Box[] },
): Picture {
  const { width, height } = frame;
  const picture = crop(frame, { x: 0, y: 0, width, height });
  const unit = Math.max(1, Math.round(width / UNIT_WIDTH));
  for (const region of regions === "all" ? [] : regions) {
    outline(picture, region, { colour: REGION, line: unit });
  }
  for (const box of boxes) {
    outline(picture, box, { colour: COLOURS[box.kind], line: 2 * unit, dashed: box.kind === "unsent" });
  }
  // Labels last: no box is drawn over a text.
  for (const box of boxes) label(picture, box, unit);
  return picture;
}

/** Above the box, or below it at the upper edge of the frame; moved into the frame. */
function label(picture: Picture, { x, y, height, kind, text }: ShownBox, unit: number): void {
  const size = textSize(text, unit);
  const padding = 2 * unit;
  const [width, tall] = [size.width + 2 * padding, size.height + 2 * padding];
  const left = Math.max(0, Math.min(x, picture.width - width));
  const top = y >= tall + unit ? y - tall - unit : Math.min(y + height + unit, picture.height - tall);
  const isDark = kind === "unsent";
  fill(picture, { x: left, y: top, width, height: tall }, isDark ? DARK : COLOURS[kind]);
  write(picture, text, { x: left + padding, y: top + padding }, {
    colour: isDark ? LIGHT : DARK,
    scale: unit,
  });
}
