/** What ffmpeg does with each frame. */

import type { Size } from "../image/frame.ts";
import type { Rotation } from "../image/reframe.ts";

const TURNS = { 0: [], 90: ["transpose=clock"], 180: ["hflip", "vflip"], 270: ["transpose=cclock"] };

/** The video filters for frames of this size and rate, turned clockwise. */
export function filters({ size, rate, rotate = 0 }: {
  readonly size?: Size;
  readonly rate?: number;
  readonly rotate?: Rotation;
}): string[] {
  return [
    ...(rate ? [`fps=${rate}`] : []),
    ...(size ? [`scale=${size.width}:${size.height}`] : []),
    ...TURNS[rotate],
  ];
}
