/** The source of a live camera that may send JPEGs: those are decoded on demand, everything else by one ffmpeg. */
import type { Size } from "../image/frame.ts";
import type { Rotation } from "../image/reframe.ts";
import { ffmpegSource, filters } from "./ffmpeg_camera.ts";
import type { FfmpegInput } from "./ffmpeg_process.ts";
import type { ReopenableSource } from "./live_camera.ts";
import { onDemandSource } from "./on_demand_camera.ts";

/** How a live camera is read. */
export interface JpegSourceOptions {
  /** Whether it sends JPEGs. */
  readonly isJpegs: boolean;
  /** What to reduce frames to, where the camera itself is not asked for it. */
  readonly size?: Size;
  readonly rate?: number;
  readonly rotate?: Rotation;
  /** See SourceOptions. */
  readonly idleRate?: number;
  readonly ffmpegOptions: readonly string[];
  readonly onDecoder?: (fault: string | undefined) => void;
}

/** Options of ffmpeg may concern its decoder: with any, one ffmpeg decodes every frame. */
export function jpegSource(input: FfmpegInput, options: JpegSourceOptions): ReopenableSource {
  const { isJpegs, size, rate, idleRate, rotate, ffmpegOptions, onDecoder } = options;
  if (!isJpegs || !idleRate || ffmpegOptions.length > 0) return ffmpegSource(input);
  const reading = { rate, idleRate, rotate, isScaled: size !== undefined, onDecoder };
  return onDemandSource({ ...input, ...reading, filters: filters({ size, rotate }) });
}
