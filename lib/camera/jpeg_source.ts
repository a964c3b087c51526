/** The source of a live camera that may send JPEGs: those are decoded on demand, everything else by one ffmpeg. */
import { messageOf } from "../errors.ts";
import type { Frame, Size } from "../image/frame.ts";
import type { Rotation } from "../image/reframe.ts";
import { ffmpegSource, filters } from "./ffmpeg_camera.ts";
import type { FfmpegInput } from "./ffmpeg_process.ts";
import { arrivingFrames, type ReopenableSource, type SourceFrameOptions } from "./live_camera.ts";
import { NoJpegsError, onDemandSource } from "./on_demand_camera.ts";

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
  readonly onEveryFrame?: (reason: string) => void;
}

/**
 * Options of ffmpeg may concern its decoder: with any, one ffmpeg decodes every frame. So it does for an opening in which
 * the camera sends JPEGs whose headers only ffmpeg can read.
 */
export function jpegSource(input: FfmpegInput, options: JpegSourceOptions): ReopenableSource {
  const { isJpegs, size, rate, idleRate, rotate, ffmpegOptions, onDecoder, onEveryFrame } = options;
  const everyFrame = ffmpegSource(input);
  if (!isJpegs || !idleRate || ffmpegOptions.length > 0) return everyFrame;
  const reading = { rate, idleRate, rotate, isScaled: size !== undefined, onDecoder };
  const onDemand = onDemandSource({ ...input, ...reading, filters: filters({ size, rotate }) });
  async function* frames(opened: SourceFrameOptions): AsyncGenerator<Frame> {
    try {
      return yield* onDemand.frames(opened);
    } catch (error) {
      if (!(error instanceof NoJpegsError)) throw error;
      onEveryFrame?.(messageOf(error));
    }
    yield* arrivingFrames(everyFrame, opened);
  }
  return { ...onDemand, frames };
}
